#!/bin/sh
# Runs the study <% name %>, one run at a time, and says nothing when it went well. Made by `personas schedule`.
# Exit codes: 0 published; 4 published, and the personas have drifted; everything else failed (see README.md).
cd <% folder|sh %> || exit 73
said=$(mktemp) || exit 73
trap 'rm -f "$said"' EXIT

mkdir -p runs && touch runs/.<% name %>.schedule.lock || exit 73
exec 9>runs/.<% name %>.schedule.lock
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    code=75
else
    <% command|sh %> run <% study|sh %> --timeout <% timeout %> --fail-on-drift >"$said" 2>&1 9>&-
    code=$?
fi
[ "$code" -eq 0 ] && exit 0

/bin/sh <% (place ~ "/personas-" ~ name ~ "-tell.sh")|sh %> "$code" "$said"
exit "$code"
