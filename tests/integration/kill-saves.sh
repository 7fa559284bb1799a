#!/usr/bin/env bash
# Kills the tool (SIGKILL) in the middle of saves, and of trainings that write a checkpoint after each step. After each kill, the adapter in --out must be the
# old or the new one, whole. Each run that was killed and resumed must end with the adapter of an undisturbed run, byte for byte, and nothing may be left of
# the killed processes.
#
#   tests/integration/kill-saves.sh TOOL [SAVES] [RUNS] [SEED]
#
# TOOL is the program (or "dotnet PATH.dll" in quotes), SAVES and RUNS are the numbers of kills (100 and 25), SEED is that of the random delays (1).
# The exit code is 1 if something does not hold, or if too few of the kills came in time.
set -u
read -ra tool <<< "${1:?usage: kill-saves.sh TOOL [SAVES] [RUNS] [SEED]}"
saves=${2:-100}
runs=${3:-25}
RANDOM=${4:-1}
repository=$(cd "$(dirname "$0")/../.." && pwd)
model=$repository/tests/fixtures/cases/micro-model
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
fail() { failed=1; echo "failed: $*"; }

# The labels of the two adapters have another order: one's labels with the other's weights would be the wrong answers.
printf 'text\tlabel\nthe film is good\tgood\na bad film\tbad\nfine film\tgood\nthe bad plot\tbad\n' > old.tsv
sed 's/good$/1-good/; s/bad$/2-bad/' old.tsv > new.tsv

# start_save ROWS: a training that ends soon with a save.
start_save() {
  "${tool[@]}" train --model "$model" --train "$1" --dev "$1" --method probe --epochs 1 --threads 1 --device cpu --json --out a > log 2>&1 &
  process=$!
}

# start_run FOLDER: a training of many steps, with a checkpoint after each.
start_run() {
  "${tool[@]}" train --model "$model" --train old.tsv --dev old.tsv --prompt "Good or bad?" --method sk-prefix --bottleneck 2 --set dropout=0.1 --max-tokens 8 --epochs 20 \
    --batch-size 1 --patience 0 --checkpoint-steps 1 --threads 1 --device cpu --json --run "$1" --resume > log 2>&1 &
  process=$!
}

# run_to_the_end FOLDER
run_to_the_end() {
  start_run "$1"
  wait $process || fail "the run in $1: $(cat log)"
}

microseconds() { echo $((${EPOCHREALTIME/[.,]/})); }

# pause MICROSECONDS: without another process, so that short pauses are short.
exec {never}<> <(:)
pause() { local seconds; printf -v seconds '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)); read -rt "$seconds" -u $never; }

# up_to N: a random number from 0 to N - 1.
up_to() { echo $((((RANDOM << 15) | RANDOM) % $1)); }

is_running() { kill -0 $process 2> /dev/null; }

# until_save: waits until the process begins to save; false if it ended first.
until_save() {
  until compgen -G 'a/.*.saving' > /dev/null; do
    is_running || return 1
    pause 200
  done
  return 0
}

answers() { printf 'good film\nbad film\n' | "${tool[@]}" predict --model "$model" --adapter a --threads 1 --device cpu 2> log | cut -f 1 | paste -sd ' '; }

# How long a save takes: the longest of three.
longest=0
for rows in new.tsv old.tsv new.tsv old.tsv; do
  start_save $rows
  if until_save; then
    start=$(microseconds)
    while compgen -G 'a/.*.saving' > /dev/null; do pause 200; done
    time=$(($(microseconds) - start))
    [ $time -gt $longest ] && longest=$time
  fi
  wait $process || { cat log; exit 1; }
  [ "$(answers)" = "$([ $rows = old.tsv ] && echo good bad || echo 1-good 2-bad)" ] || fail "the adapter of $rows answers $(answers)"
done

began=0 middle=0 new=0
for ((k = 1; k <= saves; k++)); do
  [ $((k % 2)) -eq 0 ] && rows=old.tsv || rows=new.tsv
  start_save $rows
  if until_save; then
    began=$((began + 1))
    pause "$(up_to $longest)"
    kill -KILL $process 2> /dev/null
  fi
  wait $process 2> /dev/null
  compgen -G 'a/.*.saving' > /dev/null && middle=$((middle + 1))
  case "$(answers)" in
    "good bad") ;;
    "1-good 2-bad") new=$((new + 1)) ;;
    *) fail "kill $k: the adapter answers '$(answers)': $(cat log)" ;;
  esac
done
start_save old.tsv
wait $process || fail "the last save: $(cat log)"
[ "$(ls -A a)" = "$(printf 'adapter.json\nadapter.safetensors')" ] || fail "left in the folder: $(ls -A a)"
[ -z "$(find . -maxdepth 1 -name '.*.saving')" ] || fail "left beside the folder: $(ls -A)"
echo "saves of up to $((longest / 1000)) ms: $began of $saves killed after their begin, $middle of them in the middle; $new times the new labels were there"
[ "$saves" -lt 20 ] || [ $middle -ge $((saves / 4)) ] || fail "only $middle kills were in the middle of a save"

start=$(microseconds)
run_to_the_end whole
longest=$(($(microseconds) - start))
killed=0 resumed=0 part=0
while [ $killed -lt $runs ] && [ $failed -eq 0 ]; do
  start_run parts
  # A resumed run counts once its first checkpoint is written.
  touch begun
  while is_running && [ ! parts/checkpoint.safetensors -nt begun ]; do pause 1000; done
  pause "$(up_to $((longest / 4)))"
  kill -KILL $process 2> /dev/null
  wait $process 2> /dev/null
  if [ $? -eq 137 ]; then killed=$((killed + 1)) part=$((part + 1)); fi
  # A run of several parts is brought to its end and compared; the next kills are those of another one.
  if [ $part -ge 5 ] || [ -f parts/adapter/adapter.json ]; then
    run_to_the_end parts
    cmp whole/adapter/adapter.safetensors parts/adapter/adapter.safetensors || fail "the resumed run gives another adapter"
    [ -z "$(find parts -name '*.new' -o -name '*.saving')" ] || fail "left in the run folder: $(find parts)"
    rm -rf parts
    resumed=$((resumed + 1)) part=0
  fi
done
echo "runs: $killed killed, $resumed resumed to the end"
[ $failed -eq 0 ] && echo "passed"
exit $failed
