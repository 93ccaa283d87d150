# Shared by the demos of deploy/quickstart: a folder for each run, and the
# processes that belong to it. Sourced after deploy/lib.sh.
#
#   build/quickstart/run.XXXXXX/
#     NAME.pid     a process of the run; those of smaller NAMEs are ended first
#     NAME.log     its output
#     lock         held while the run is under way
#     kept         exists if the processes were left running

runs=$portrait_root/build/quickstart
bin=$portrait_root/build/release
sim=$bin/tests/whatsapp_sim/whatsapp-sim
latency=20ms # of each answer of the simulated network

# ---- stopping --------------------------------------------------------------

# stop_run FOLDER: ends the processes of a run, those that use others first.
stop_run() {
  local file pid
  for file in "$1"/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    # The process id may belong to another process by now.
    if grep -qF -- "$1" "/proc/$pid/cmdline" 2>/dev/null; then
      kill "$pid" 2>/dev/null || true
      while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    fi
    rm -f "$file"
  done
}

# stop_kept: ends the processes of all runs that were left running.
stop_kept() {
  local run stopped=0
  for run in "$runs"/run.*; do
    [ -f "$run/kept" ] || continue
    stop_run "$run"
    rm -f "$run/kept"
    echo "stopped; its files stay in $run"
    stopped=1
  done
  [ "$stopped" = 1 ] || echo "nothing was left running"
}

# ---- the folder of this run ------------------------------------------------

# On any exit, all processes are stopped; an unfinished run leaves no files.
clean_up() {
  trap '' INT TERM
  if [ "$finished" = 1 ] && [ "$keep" = 1 ]; then return; fi
  stop_run "$run"
  [ "$finished" = 1 ] || rm -rf "$run"
}

# open_run: makes the folder $run and removes earlier ones, unless they are still
# running. The demo sets finished=1 at its end.
open_run() {
  local old
  mkdir -p "$runs"
  run=$(mktemp -d "$runs/run.XXXXXX")
  exec 8>"$run/lock"
  flock 8
  finished=0
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  for old in "$runs"/run.*; do
    if [ "$old" = "$run" ] || [ -f "$old/kept" ]; then continue; fi
    (flock -n 7 && rm -rf "$old") 7>>"$old/lock" || true
  done
}

# ---- processes -------------------------------------------------------------

# launch NAME PROGRAM ARGUMENT…: starts a process of the run. It has a session
# of its own, so that Ctrl-C reaches only the demo, which stops all in order.
launch() {
  local name=$1
  shift
  setsid "$@" >>"$run/$name.log" 2>&1 8>&- &
  echo $! >"$run/$name.pid"
  disown # so that the shell does not report its end
}

# wait_for FILE NAME: waits until the process NAME has written its addresses.
wait_for() {
  local tries=0
  until [ -s "$1" ]; do
    kill -0 "$(cat "$run/$2.pid")" 2>/dev/null || {
      cat "$run/$2.log" >&2
      fail "a program ended at start; its log is above"
    }
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "not up within a minute; see $run/$2.log"
    sleep 0.1
  done
}

# field NAME FILE: a text field of a flat JSON file.
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1; }

steer() { "$sim" steer --control "$control" "$@"; }

# start_network: starts a simulated WhatsApp network, and sets $control and
# $whatsapp, the flags with which portraitd uses it.
start_network() {
  local endpoints=$run/whatsapp/endpoints.json
  say "Starting a simulated WhatsApp network"
  # Without TLS, since a browser would refuse pictures under an authority that
  # it does not know.
  launch 9-whatsapp-sim "$sim" --listen 127.0.0.1:0 --control 127.0.0.1:0 \
    --cdn 127.0.0.1:0 --seed 1 --data-dir "$run/whatsapp"
  wait_for "$endpoints" 9-whatsapp-sim
  control=$(field control "$endpoints")
  cdn=$(field cdn "$endpoints")
  whatsapp=(--whatsapp-url "$(field url "$endpoints")"
    --whatsapp-pictures-url "$cdn"
    --whatsapp-root-key "$(field root_key "$endpoints")")
  steer faults --latency "$latency"
  echo "$(field url "$endpoints"), every answer after $latency"
}

# link NAME PHONE: links an account; a simulated phone scans its QR code.
link() {
  local event text
  portrait session pair "$1" --format jsonl | while read -r event; do
    case $event in
    *qr_code*)
      text=$(sed 's/.*"text" *: *"\([^"]*\)".*/\1/' <<<"$event")
      steer scan --phone "$2" "$text" >/dev/null
      ;;
    esac
  done
}
