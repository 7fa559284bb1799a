#!/usr/bin/env bash
# Kills the tool (SIGKILL) at random moments while it trains and saves. After each kill, the adapter in --out must be the old or the new one, whole. At the end,
# a run that was killed and resumed must give the adapter of an undisturbed run, byte for byte, and nothing must be left of the killed processes.
#
#   tests/integration/kill-saves.sh TOOL [KILLS] [SEED]
#
# TOOL is the program (or "dotnet PATH.dll" in quotes), KILLS the number of kills of each kind (100), SEED that of the random delays (1).
# The exit code is 1 if something does not hold.
set -u
read -ra tool <<< "${1:?usage: kill-saves.sh TOOL [KILLS] [SEED]}"
kills=${2:-100}
RANDOM=${3:-1}
repository=$(cd "$(dirname "$0")/../.." && pwd)
model=$repository/tests/fixtures/cases/micro-model
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

printf 'text\tlabel\nthe film is good\tgood\na bad film\tbad\nfine film\tgood\nthe bad plot\tbad\n' > old.tsv
sed 's/good$/1-good/; s/bad$/2-bad/' old.tsv > new.tsv

# A training that ends soon with a save.
save() { "${tool[@]}" train --model "$model" --train "$1" --dev "$1" --method probe --epochs 1 --threads 1 --device cpu --json --out a; }

# A training of many steps, with a checkpoint after each.
run() {
  "${tool[@]}" train --model "$model" --train old.tsv --dev old.tsv --prompt "Good or bad?" --bottleneck 2 --set dropout=0.1 --max-tokens 8 --epochs 20 \
    --batch-size 1 --patience 0 --checkpoint-steps 1 --threads 1 --device cpu --json --run "$1" --resume
}

# kill_after SECONDS COMMAND...: starts a command in the background and kills it; false if it ended before.
kill_after() {
  local wait=$1
  shift
  "$@" > log 2>&1 &
  local shell=$!
  sleep "$wait"
  local process
  process=$(pgrep -P $shell)
  kill -KILL ${process:-$shell} 2> /dev/null
  wait $shell 2> /dev/null
  [ $? -ge 128 ]
}

# between LOW HIGH: a random number of seconds.
between() { awk -v low="$1" -v high="$2" -v r=$RANDOM 'BEGIN { printf "%.3f", low + (high - low) * r / 32768 }'; }

fail() { failed=1; echo "failed: $*"; }

save old.tsv > log 2>&1 || { cat log; exit 1; }
start=$(date +%s%N)
save old.tsv > log 2>&1
seconds=$(awk -v t=$(( $(date +%s%N) - start )) 'BEGIN { print t / 1e9 }')
killed=0
for ((k = 1; k <= kills; k++)); do
  [ $((k % 2)) -eq 0 ] && rows=old.tsv || rows=new.tsv
  # The save is at the end of the process.
  if kill_after "$(between "$(awk -v s=$seconds 'BEGIN { print s * 0.6 }')" "$(awk -v s=$seconds 'BEGIN { print s * 1.05 }')")" save $rows; then
    killed=$((killed + 1))
    seconds=$(awk -v s=$seconds 'BEGIN { print s * 1.03 }')
  else
    seconds=$(awk -v s=$seconds 'BEGIN { print s * 0.9 }')
  fi
  label=$("${tool[@]}" predict --model "$model" --adapter a --device cpu "good film" 2> log | tail -n 1 | cut -f 1)
  case "$label" in
    *good* | *bad*) ;;
    *) fail "kill $k: the adapter cannot be used: $(cat log)" ;;
  esac
done
save old.tsv > log 2>&1 || fail "the last save: $(cat log)"
[ "$(ls -A a)" = "$(printf 'adapter.json\nadapter.safetensors')" ] || fail "left in the folder: $(ls -A a)"
[ -z "$(find . -maxdepth 1 -name '.*.saving')" ] || fail "left beside the folder: $(ls -A)"
echo "saves: $killed of $kills killed in time, after about $seconds s"

run whole > log 2>&1 || { cat log; exit 1; }
killed=0
for ((k = 1; k <= kills; k++)); do
  kill_after "$(between 0.2 "$(awk -v s=$seconds 'BEGIN { print s * 1.2 }')")" run parts && killed=$((killed + 1))
done
run parts > log 2>&1 || fail "the resumed run: $(cat log)"
cmp whole/adapter/adapter.safetensors parts/adapter/adapter.safetensors || fail "the resumed run gives another adapter"
[ -z "$(find parts -name '*.new' -o -name '*.saving')" ] || fail "left in the run folder: $(ls -A parts)"
echo "runs: $killed of $kills killed in time"
[ $failed -eq 0 ] && echo "passed"
exit $failed
