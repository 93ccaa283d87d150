# The demo of a cluster: three nodes over three Kafka brokers. While a list is
# enriched, the active node and then a broker are killed. Sourced by
# deploy/quickstart.

accounts=3
contacts=$portrait_root/deploy/demo/contacts.csv
nodes=(n1 n2 n3)
rows_before_a_kill=300
list=$run/contacts-enriched.csv

# at NODE ARGUMENT…: a command to this node.
at() { "$bin/client/portrait" --data-dir "$run/$1" "${@:2}"; }

# portrait ARGUMENT…: a command to n3. Any node takes any call.
portrait() { at n3 "$@"; }

# active: the name of the node that is active.
active() {
  portrait cluster status --format csv 2>/dev/null |
    awk -F, '$2 == "active" { print $1 }'
}

# show_cluster: waits until each node has told of itself, and lists them.
show_cluster() {
  local tries=0
  until [ "$(portrait cluster status --format csv 2>/dev/null |
    grep -cE ',(active|standby),')" = ${#nodes[@]} ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "not all nodes are up; see $run/1-*.log"
    sleep 0.2
  done
  portrait cluster status --format table
}

# has_rows COUNT: whether the list has that many rows so far.
has_rows() { [ -f "$list" ] && [ "$(wc -l <"$list")" -gt "$1" ]; }

# ---- Kafka -----------------------------------------------------------------

# kafka COMMAND: such as "kill 2"; see kafka.py.
kafka() { echo "$*" >"$run/kafka.in"; }

# kafka.py reads commands from a pipe, which is open for reading and writing, so
# that it never ends.
start_kafka() {
  say "Starting three Kafka brokers (the first time, Maven fetches 54 MB)"
  mkfifo "$run/kafka.in"
  launch 8-kafka bash -c 'exec python3 "${@:2}" 0<>"$0" >"$1"' \
    "$run/kafka.in" "$run/kafka.json" \
    "$portrait_root/tests/cluster/kafka/kafka.py" \
    --jars "$bin/kafka" --folder "$run/kafka"
  wait_for "$run/kafka.json" 8-kafka
  brokers=$(field brokers "$run/kafka.json")
  echo "$brokers"
}

# ---- nodes -----------------------------------------------------------------

start_node() {
  local key=()
  # The first node makes the cluster's key; the others get it.
  [ "$1" = n1 ] || key=(--cluster-key "$run/n1/cluster.key")
  rm -f "$run/$1/portraitd.json" # of a killed process
  launch "1-$1" "$bin/server/portraitd" --listen 127.0.0.1:0 \
    --http-listen 127.0.0.1:0 --data-dir "$run/$1" "${whatsapp[@]}" \
    --kafka "$brokers" --cluster-name demo --node-name "$1" "${key[@]}" \
    --cluster-partitions 8 --cluster-session-timeout 3s \
    --session-usync-rate 2 --session-picture-rate 40
  wait_for "$run/$1/portraitd.json" "1-$1"
}

# kill_node NODE: as a power cut would.
kill_node() {
  kill -KILL "$(cat "$run/1-$1.pid")"
  rm -f "$run/1-$1.pid"
}

start_network
start_kafka
say "Starting three nodes; each has a copy of everything, one of them is active"
for node in "${nodes[@]}"; do start_node "$node"; done
show_cluster

say "Linking $accounts accounts through n3; any node takes any call"
for i in $(seq 1 "$accounts"); do link "demo-$i" "+491578800010$i"; done
portrait session list --format table

# ---- a node and a broker die -----------------------------------------------

say "Enriching deploy/demo/contacts.csv through n3"
portrait enrich "$contacts" -o "$list" --resume &
enriching=$!
first=$(active)
until has_rows "$rows_before_a_kill" || ! kill -0 $enriching 2>/dev/null; do
  sleep 0.1
done
echo "-- kill -9 of $first, the active node, after $(wc -l <"$list") rows" >&2
kill_node "$first"
until has_rows $((3 * rows_before_a_kill)) || ! kill -0 $enriching 2>/dev/null; do
  sleep 0.1
done
echo "-- kill -9 of a Kafka broker, after $(wc -l <"$list") rows" >&2
kafka kill 2
if ! wait $enriching; then
  # A write that was under way when a node or broker died may be in doubt; its
  # row has an error, which --resume would keep.
  echo "-- the list once more: what is stored is not looked up again" >&2
  portrait enrich "$contacts" -o "$list"
fi

say "Starting both again; the cluster"
start_node "$first"
kafka start 2
show_cluster

# ---- the same answers ------------------------------------------------------

say "The list once more, through $first, which stands by now: the same answers"
at "$first" enrich "$contacts" -o "$run/contacts-again.csv"
answers() { cut -d, -f1-15 "$1" | sort; }
if cmp -s <(answers "$list") <(answers "$run/contacts-again.csv"); then
  echo "all $(($(wc -l <"$list") - 1)) rows are equal"
else
  fail "the answers differ: $list, $run/contacts-again.csv"
fi

say "Where things are"
cat <<EOF
the list, enriched:  $list
the nodes' stores:   $run/n1  $run/n2  $run/n3
their logs:          $run/1-n1.log …
more:                deploy/cluster/README.md
EOF

say_what_runs() {
  cat <<EOF

Left running. Try:   build/release/client/portrait --data-dir $run/n2 cluster status
                     build/release/client/portrait --data-dir $run/n2 cluster drain $(active)
Stop it with:        deploy/quickstart --stop
EOF
}
