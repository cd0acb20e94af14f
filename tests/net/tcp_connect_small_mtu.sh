#!/bin/bash
# A router between tcp_connect and a kernel socket lets 1300 bytes pass, and says so only when something was larger: the segments are
# cut and sent again, and all arrives. IPv4 with DF, IPv6, and IPv4 without DF, whose packets the router cuts itself.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/server.pkt" <<'END'
import hashlib, socket
s = socket.socket(socket.AF_INET6)
s.bind(("::", 5000))
s.listen()
print("ready", flush=True)
for i in range(3):
    c, _ = s.accept()
    got = hashlib.sha256()
    part = c.recv(65536)
    while part:
        got.update(part)
        part = c.recv(65536)
    c.sendall(got.digest())
    c.close()
END
cat > "$work/client.pkt" <<'END'
import hashlib
def with_df(p):
    p.flags = "DF"
    return p
data = bytes([i * 7 % 251 for i in range(100000)])
for name, dst, hook in (("IPv4 DF", "10.4.0.5", with_df), ("IPv6", "2001:db8:4::5", None), ("IPv4", "10.4.0.5", None)):
    c = tcp_connect(dst, 5000, verbose=0, hook=hook, keep=50)
    before = c.mss
    c.send(data)
    c.shutdown()
    print(name, before, c.mss, c.recv_all() == hashlib.sha256(data).digest(), 50 <= len(c.packets) <= 55, c.forgotten > 50)
    c.close()
END
cat > "$work/run" <<'END'
. "$2"; between
nsenter -t $router -n ip link set x1 mtu 1300
other "$PKTSH" "$1/server.pkt" > "$1/server" & server=$!
for _ in $(seq 100); do grep -q ready "$1/server" && break; sleep .02; done
timeout 30 "$PKTSH" "$1/client.pkt"
echo "status $?"
kill $server $router
END
[ "$(id -u)" = 0 ] || { echo "namespaces behind namespaces want root"; exit 77; }
scripts/lab bash "$work/run" "$work" "$PWD/tests/net/between.inc" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
diff -u --label expected <(cat <<'END'
IPv4 DF 1460 1260 True True True
IPv6 1440 1240 True True True
IPv4 1460 1460 True True True
status 0
END
) --label said "$work/said" || { cat "$work/err"; exit 1; }
