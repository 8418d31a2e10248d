#!/bin/sh
# Makes an authority and one certificate for all NATS servers, for a trial; a company has an authority of its own.
# In the directory that is named: ca.pem, ca.key, server.pem, server.key. Names of servers follow.
#     sh certificates.sh /etc/nats nats-1 nats-2 nats-3
set -eu
[ $# -ge 2 ] || { echo "usage: certificates.sh DIRECTORY NAME…" >&2; exit 2; }
cd "$1"
shift
umask 077
names="DNS:localhost,IP:127.0.0.1"
for name in "$@"; do names="$names,DNS:$name"; done
key="ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
# shellcheck disable=SC2086 # they are several arguments
openssl req -x509 -newkey $key -days 3650 -subj "/CN=Storefold trial" -keyout ca.key -out ca.pem 2>/dev/null
# shellcheck disable=SC2086
openssl req -newkey $key -subj "/CN=nats" -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile server.ext -out server.pem \
    2>/dev/null
rm -f server.csr server.ext ca.srl
chmod 644 ca.pem server.pem
