vcl 4.1;

# Views and search of Cavea, kept until the server purges them by tag. Needs vmod xkey (Debian: varnish-modules).
# Only what is the same for everybody comes here; nginx sends the rest to the nodes (deploy/nginx/cavea.conf).
import directors;
import std;
import xkey;

probe view {
    .url = "/readyz/view";
    .interval = 1s;
    .timeout = 1s;
    .window = 3;
    .threshold = 2;
    .initial = 2;
}
backend node_1 { .host = "node-1"; .port = "8080"; .probe = view; .connect_timeout = 1s; .first_byte_timeout = 10s; }
backend node_2 { .host = "node-2"; .port = "8080"; .probe = view; .connect_timeout = 1s; .first_byte_timeout = 10s; }

# Whoever may purge: the nodes' background process.
acl purgers { "localhost"; "10.0.0.0"/8; "172.16.0.0"/12; "192.168.0.0"/16; }

sub vcl_init {
    new nodes = directors.round_robin();
    nodes.add_backend(node_1);
    nodes.add_backend(node_2);
}

sub vcl_recv {
    if (req.method == "PURGE") {
        # nginx never sends one on: what it sends on has the buyer's address with it.
        if (client.ip !~ purgers || req.http.x-forwarded-for ~ ",") { return (synth(403)); }
        if (!req.http.xkey-purge) { return (synth(400)); }
        return (synth(200, "Purged " + xkey.purge(req.http.xkey-purge)));
    }
    set req.backend_hint = nodes.backend();
    # An answer that is out of date is served for a moment while a node answers, and for long while none does.
    if (std.healthy(req.backend_hint)) { set req.grace = 5s; }
    if (req.method != "GET" && req.method != "HEAD") { return (pass); }
    # The same for everybody, whoever asks.
    unset req.http.cookie;
    unset req.http.authorization;
    return (hash);
}

sub vcl_backend_response {
    # A node that stops, or has lost its stores, is not the answer.
    if (beresp.status >= 500 && bereq.retries < 2) { return (retry); }
    if (beresp.status == 200 || beresp.status == 404) {
        set beresp.grace = 1h;
    }
    # What is not there is remembered for a moment only: nobody purges it.
    if (beresp.status == 404) { set beresp.ttl = 1s; }
    if (beresp.status >= 500) { set beresp.ttl = 0s; set beresp.uncacheable = true; }
    set beresp.http.xkey = "all " + regsuball(beresp.http.cache-tag, ",", " ");
    if (beresp.http.content-type ~ "json") { set beresp.do_gzip = true; }
}

sub vcl_backend_error {
    if (bereq.retries < 2) { return (retry); }
}

sub vcl_deliver {
    unset resp.http.xkey;
    unset resp.http.x-varnish;
    unset resp.http.via;
    set resp.http.x-cache = "miss";
    if (obj.hits > 0) { set resp.http.x-cache = "hit"; }
}
