#!/bin/sh
# Tells what came of a run of the study <% name %>: tell.sh [EXIT_CODE [FILE_WITH_WHAT_IT_SAID]]. Made by `personas schedule`.
cd <% folder|sh %> || exit 73
set -- "${1:-${MONITOR_EXIT_STATUS:-}}" "${2:-}"
letter() {
    <% command|sh %> letter <% study|sh %> ${code:+--code "$code"} ${said:+--said "$said"} "$@"
}
code=$1 said=$2
case $code in *[!0-9]*) code= ;; esac  # the name of a signal: the manifest knows more
<[ if webhook ]>
letter --json | curl --fail --silent --show-error --max-time 60 --retry 3 \
    --header 'Content-Type: application/json' --data-binary @- <% webhook|sh %> >/dev/null
<[ else ]>
if text=$(letter); then
    subject=$(printf '%s\n' "$text" | head -n 1)
else
    subject="personas <% name %>: ended with ${code:-an unknown code}, and the letter could not be written"
    text=$(printf '%s\n\n' "$subject"; [ -z "$said" ] || tail -n 20 "$said")
fi
<[ if to and mails ]>
printf '%s\n' "$text" | mail -s "$subject" <% to|sh %>
<[ else ]>
printf '%s\n' "$text"
<[ endif ]>
<[ endif ]>
