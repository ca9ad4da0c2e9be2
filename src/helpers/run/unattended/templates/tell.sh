#!/bin/sh
# Tells what came of a run of the study <% name %>: tell.sh [EXIT_CODE [FILE_WITH_WHAT_IT_SAID]]. Made by `personas schedule`.
code=${1:-${MONITOR_EXIT_STATUS:-}} said=${2:-}
case $code in *[!0-9]*) code= ;; esac  # the name of a signal: the manifest knows more
heard=$([ -z "$said" ] || tail -n 200 "$said" 2>/dev/null)
subject="personas <% name %>: ended with ${code:-an unknown code}, and the letter could not be written"
where=
cd <% folder|sh %> 2>/dev/null || { subject="$subject: "<% folder|sh %>" is gone"; cd /; }
[ -e <% study|sh %> ] || where="--out personas/<% name %> --runs runs/<% name %>"
letter() {
    printf '%s\n' "$heard" | <% command|sh %> letter <% study|sh %> $where ${code:+--code "$code"} ${said:+--said /dev/stdin} "$@"
}
<[ if webhook ]>
if ! text=$(letter --json); then
    text='{"study": "<% name %>", "verdict": "failed", "code": '${code:-null}', "subject": "personas <% name %>: ended, and the letter could not be written", "text": "Look at the log of the scheduler.", "changes": [], "page": null, "lines": []}'
fi
printf '%s\n' "$text" | curl --fail --silent --show-error --max-time 60 --retry 3 \
    --header 'Content-Type: application/json' --data-binary @- <% webhook|sh %> >/dev/null
<[ else ]>
if text=$(letter); then
    subject=$(printf '%s\n' "$text" | head -n 1)
else
    text=$(printf '%s\n\n%s\n' "$subject" "$(printf '%s\n' "$heard" | tail -n 20)")
fi
<[ if to and mails ]>
printf '%s\n' "$text" | mail -s "$subject" <% to|sh %>
<[ else ]>
printf '%s\n' "$text"
<[ endif ]>
<[ endif ]>
