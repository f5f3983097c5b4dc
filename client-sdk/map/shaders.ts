/** The two programs of the WebGL renderer. A seat's shape tells its state, so that colour never has to. */

export const vertexShader = `#version 300 es
layout(location=0) in vec2 at;
layout(location=1) in uvec2 kind;
layout(location=2) in uint look;
uniform vec2 centre, zoom;
uniform float radius;
out vec2 p;
flat out uint vCategory, vWheelchair, vLook;
void main() {
  // The quad is a third larger than the disc: room for the ring around the buyer's own seats.
  p = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.7 - 1.35;
  vCategory = kind.x; vWheelchair = kind.y; vLook = look;
  vec2 clip = (at + p * radius - centre) * zoom;
  gl_Position = vec4(clip.x, -clip.y, 0, 1);
}`;

export const fragmentShader = `#version 300 es
precision highp float;
in vec2 p;
flat in uint vCategory, vWheelchair, vLook;
uniform vec3 categories[16];
uniform vec3 held, sold, mine, onMine;
uniform float pixels;
out vec4 colour;
float soft;
float within(float d) { return 1.0 - smoothstep(-soft, soft, d); }
float line(vec2 a, vec2 b, float half_) {
  vec2 ab = b - a;
  return length(p - a - ab * clamp(dot(p - a, ab) / dot(ab, ab), 0.0, 1.0)) - half_;
}
void main() {
  soft = 0.6 / max(pixels, 0.6);
  float far = length(p);
  vec3 base = categories[min(vCategory, 15u)];
  vec3 c = base;
  float a = 0.0;
  if (vLook == 0u) {
    a = within(far - 1.0);
    if (vWheelchair == 1u) c = mix(c, onMine, within(far - 0.42));
  } else if (vLook == 1u) {
    c = held;
    a = within(far - 0.9) * (pixels > 3.0 ? 1.0 - within(far - 0.52) : 0.8);
  } else if (vLook == 2u) {
    c = sold;
    vec2 q = abs(p);
    a = within(max(q.x, q.y) - 0.55);
  } else if (vLook == 3u) {
    c = sold;
    a = within(max(abs(p.x) - 0.6, abs(p.y) - 0.16));
  } else if (vLook == 4u) {
    c = mine;
    a = within(far - 1.28);
    c = mix(c, onMine, within(abs(far - 1.08) - 0.06) * step(6.0, pixels));
    float tick = min(line(vec2(-0.42, 0.05), vec2(-0.1, 0.36), 0.12), line(vec2(-0.1, 0.36), vec2(0.46, -0.3), 0.12));
    c = mix(c, onMine, within(tick) * step(4.0, pixels));
  } else {
    c = mine;
    a = max(within(abs(far - 0.95) - 0.14), within(far - 0.4));
  }
  colour = vec4(c * a, a);
}`;
