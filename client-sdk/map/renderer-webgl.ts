import type { Changed } from '../seat-store.js';
import type { Camera } from './camera.js';
import type { SeatRenderer } from './renderer.js';
import { isWheelchair, type Scene, visibleRanges } from './scene.js';
import { fragmentShader, vertexShader } from './shaders.js';

/**
 * One instanced quad a seat. Positions and categories are uploaded once; a change uploads one byte.
 * A lost context is rebuilt from the scene.
 */
const STATIC_BYTES = 8;

/** Software that stands in for a graphics card: 100,000 seats take it more than half a second a frame. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Undefined when WebGL2 is missing, or there but slow and not `forced`; then the canvas may have got a context. */
export function createWebglRenderer(
  canvas: HTMLCanvasElement,
  scene: Scene,
  forced: boolean,
  redraw: () => void,
): SeatRenderer | undefined {
  const gl = canvas.getContext('webgl2', { antialias: false, failIfMajorPerformanceCaveat: !forced });
  if (!gl || (!forced && isSoftware(gl))) return undefined;
  let resources = createResources(gl, scene);
  if (!resources) return undefined;
  let dirty: { from: number; to: number } | undefined;
  let ratio = 1;

  const onLost = (event: Event): void => {
    event.preventDefault();
    resources = undefined;
  };
  const onRestored = (): void => {
    resources = createResources(gl, scene);
    redraw();
  };
  canvas.addEventListener('webglcontextlost', onLost);
  canvas.addEventListener('webglcontextrestored', onRestored);

  return {
    kind: 'webgl',
    resize(width, height, devicePixels) {
      ratio = devicePixels;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    },
    changed(changed: Changed) {
      if (changed === 'all') {
        dirty = { from: 0, to: scene.looks.length };
        return;
      }
      for (const index of changed) {
        if (index >= scene.looks.length) continue;
        dirty = dirty
          ? { from: Math.min(dirty.from, index), to: Math.max(dirty.to, index + 1) }
          : { from: index, to: index + 1 };
      }
    },
    draw(camera) {
      if (!resources) return;
      if (dirty) {
        gl.bindBuffer(gl.ARRAY_BUFFER, resources.looks);
        gl.bufferSubData(gl.ARRAY_BUFFER, dirty.from, scene.looks, dirty.from, dirty.to - dirty.from);
        dirty = undefined;
      }
      drawSeats(gl, resources, scene, camera, ratio);
    },
    destroy() {
      canvas.removeEventListener('webglcontextlost', onLost);
      canvas.removeEventListener('webglcontextrestored', onRestored);
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

/** Not every browser counts its own software as the caveat that was asked for (WEBGL_debug_renderer_info tells its name). */
function isSoftware(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return SOFTWARE.test(String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)));
}

interface Resources {
  readonly program: WebGLProgram;
  readonly seats: WebGLBuffer;
  readonly looks: WebGLBuffer;
  readonly uniform: (name: string) => WebGLUniformLocation | null;
}

function createResources(gl: WebGL2RenderingContext, scene: Scene): Resources | undefined {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) return undefined;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return undefined;
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  const seats = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, seats);
  gl.bufferData(gl.ARRAY_BUFFER, staticBytes(scene), gl.STATIC_DRAW);
  const looks = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, looks);
  gl.bufferData(gl.ARRAY_BUFFER, scene.looks, gl.DYNAMIC_DRAW);

  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const { palette } = scene;
  gl.uniform3fv(uniform('categories'), palette.categories.slice(0, 16).flatMap(rgb));
  gl.uniform3fv(uniform('held'), rgb(palette.held));
  gl.uniform3fv(uniform('sold'), rgb(palette.sold));
  gl.uniform3fv(uniform('mine'), rgb(palette.mine));
  gl.uniform3fv(uniform('onMine'), rgb(palette.onMine));
  gl.uniform1f(uniform('radius'), scene.radius);
  return { program, seats, looks, uniform };
}

/** Per seat: x, y as int16, category, wheelchair flag, two bytes of padding. */
function staticBytes(scene: Scene): ArrayBuffer {
  const { chart } = scene;
  const view = new DataView(new ArrayBuffer(chart.seated * STATIC_BYTES));
  for (let i = 0; i < chart.seated; i++) {
    view.setInt16(i * STATIC_BYTES, chart.x[i] ?? 0, true);
    view.setInt16(i * STATIC_BYTES + 2, chart.y[i] ?? 0, true);
    view.setUint8(i * STATIC_BYTES + 4, chart.category[i] ?? 0);
    view.setUint8(i * STATIC_BYTES + 5, isWheelchair(chart, i) ? 1 : 0);
  }
  return view.buffer;
}

function drawSeats(
  gl: WebGL2RenderingContext,
  resources: Resources,
  scene: Scene,
  camera: Camera,
  ratio: number,
): void {
  const { uniform } = resources;
  gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT);
  gl.uniform2f(uniform('centre'), camera.x, camera.y);
  gl.uniform2f(uniform('zoom'), (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height);
  gl.uniform1f(uniform('pixels'), scene.radius * camera.scale * ratio);
  for (let slot = 0; slot < 3; slot++) {
    gl.enableVertexAttribArray(slot);
    gl.vertexAttribDivisor(slot, 1);
  }
  // WebGL2 has no first instance, so each run of visible sections moves the pointers.
  for (const { start, end } of visibleRanges(scene, camera.view())) {
    gl.bindBuffer(gl.ARRAY_BUFFER, resources.seats);
    gl.vertexAttribPointer(0, 2, gl.SHORT, false, STATIC_BYTES, start * STATIC_BYTES);
    gl.vertexAttribIPointer(1, 2, gl.UNSIGNED_BYTE, STATIC_BYTES, start * STATIC_BYTES + 4);
    gl.bindBuffer(gl.ARRAY_BUFFER, resources.looks);
    gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_BYTE, 1, start);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, end - start);
  }
}

function rgb(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
