#!/bin/sh
# Runs the study <% name %>, one run at a time, and says nothing when it went well. Made by `personas schedule`.
# Exit codes: 0 published; 4 published, and the personas have drifted; everything else failed (see README.md).
tell() {
    if [ -r <% (place ~ "/personas-" ~ name ~ "-tell.sh")|sh %> ]; then
        /bin/sh <% (place ~ "/personas-" ~ name ~ "-tell.sh")|sh %> "$1" "$said"
    else
        echo "personas <% name %>: ended with $1, and the script that tells it is gone; make the recipe anew"
    fi
    exit "$1"
}
said=$(mktemp) || said=/dev/null  # no room for what it prints: its own log has it
[ "$said" = /dev/null ] || trap 'rm -f "$said"' EXIT

cd <% folder|sh %> 2>"$said" || tell 2
{ mkdir -p runs && touch runs/.<% name %>.schedule.lock; } 2>"$said" || tell 73
exec 9>runs/.<% name %>.schedule.lock
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    code=75
else
    <% command|sh %> run <% study|sh %> --timeout <% timeout %> --fail-on-drift >"$said" 2>&1 9>&-
    code=$?
fi
[ "$code" -eq 0 ] || tell "$code"
