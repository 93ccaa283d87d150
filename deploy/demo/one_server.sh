# The demo of one server on the embedded store. Sourced by deploy/quickstart.

accounts=3
contacts=$portrait_root/deploy/demo/contacts.csv

portrait() { "$bin/client/portrait" --data-dir "$run/portrait" "$@"; }

# ---- the simulated network and the server ----------------------------------

start_network

say "Starting portraitd on the embedded store"
launch 1-portraitd "$bin/server/portraitd" --listen 127.0.0.1:0 \
  --http-listen 127.0.0.1:0 --data-dir "$run/portrait" "${whatsapp[@]}" \
  --http-compat evolution,gowa,hypersender,profilepic,waha,wawp,wuts,wuzapi \
  --session-usync-rate 2 --session-picture-rate 80 \
  --images "$run/images" --images-cdn "$cdn" --images-rate 0
ready=$run/portrait/portraitd.json
wait_for "$ready" 1-portraitd
echo "$(field listen "$ready"), data in $run/portrait"

say "Linking $accounts accounts; a simulated phone scans each QR code, the first one is shown"
# The first account is linked as a user would do it.
portrait session pair demo-1 --qr-file "$run/qr-code.txt" &
pairing=$!
until [ -s "$run/qr-code.txt" ] || ! kill -0 "$pairing" 2>/dev/null; do
  sleep 0.1
done
steer scan --phone +4915788000101 "$(cat "$run/qr-code.txt")" >/dev/null
wait "$pairing"
for i in $(seq 2 "$accounts"); do
  link "demo-$i" "+491578800010$i"
done
portrait session list --format table

# ---- enriching a list ------------------------------------------------------

say "Enriching deploy/demo/contacts.csv"
portrait enrich "$contacts" -o "$run/contacts-enriched.csv" --samples 2 \
  --images "$run/pictures"

# ---- changes ---------------------------------------------------------------

# Contacts with a picture that are in the list once: replaced, hidden, removed.
sed -n 's/.*,[0-9]*@s\.whatsapp\.net,\(+[0-9]*\),[^,]*,yes,available,.*/\1/p' \
  "$run/contacts-enriched.csv" | sort | uniq -u | awk 'NR % 90 == 7' |
  head -n 8 >"$run/changing.txt"
say "$(wc -l <"$run/changing.txt") people change their pictures; the list is enriched again"
# Skips all changes so far.
portrait watch --until-idle 100ms --resume-file "$run/changes.token" >/dev/null
awk '{ print $0, NR % 4 == 3 ? "hide" : NR % 4 == 0 ? "no-picture" \
  : "picture=" 1790000000 + NR }' "$run/changing.txt" | steer set - >/dev/null
portrait enrich "$contacts" -o "$run/contacts-enriched-again.csv" --max-age 0s \
  --images "$run/pictures"
say "The changes"
portrait watch --until-idle 1s --resume-file "$run/changes.token" \
  --format table | tee "$run/changes.txt"

say "A report with the pictures, before and after"
portrait report "$run/contacts-enriched-again.csv" --images "$run/pictures" \
  -o "$run/report.html"

say "Where things are"
cat <<EOF
the list, enriched:  $run/contacts-enriched.csv
and once more:       $run/contacts-enriched-again.csv
its report:          file://$run/report.html
the pictures:        $run/pictures
the store:           $run/portrait
EOF

say "With your own phone instead"
cat <<EOF
build/release/server/portraitd --data-dir ~/.portrait --http-listen 127.0.0.1:7780
# in a browser: http://127.0.0.1:7780/console/, with the token in ~/.portrait/admin.token
# or in a terminal:
build/release/client/portrait --data-dir ~/.portrait session pair my-account   # scan: Settings > Linked devices
build/release/client/portrait --data-dir ~/.portrait enrich contacts.csv -o contacts-enriched.csv
# programs that call WAHA, Evolution API and others: server/http/compat/README.md
EOF

# ---- what --keep leaves running --------------------------------------------

# sign_in_link HOST:PORT: the address of the console, which signs in once. The
# token is no argument of a program, where other users would see it.
sign_in_link() {
  local path
  exec 6<>"/dev/tcp/${1/://}"
  printf 'POST /console/api/links HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n' \
    "$1" "$(cat "$run/portrait/admin.token")" >&6
  path=$(sed -n 's/.*"path":"\([^"]*\)".*/\1/p' <&6)
  exec 6>&-
  echo "http://$1$path"
}

say_what_runs() {
  local http someone token
  http=$(field http "$ready")
  someone=$(head -n 1 "$run/changing.txt")
  token=$run/portrait/admin.token
  cat <<EOF

Left running. Open:  $(sign_in_link "$http")
                     in a browser within 15 minutes; the link works once
Or try:              build/release/client/portrait --data-dir $run/portrait get $someone
Over HTTP:           curl -H "Authorization: Bearer \$(cat $token)" http://$http/v1/profilePictures/$someone
As WAHA, and others: curl -H "X-Api-Key: \$(cat $token)" 'http://$http/compat/waha/api/contacts/profile-picture?contactId=${someone#+}@c.us'
                     the base URL is http://$http/compat/waha; see server/http/compat/README.md
From a program:      $(field listen "$ready"), token in $token; see client/README.md
Stop it with:        deploy/quickstart --stop
EOF
}
