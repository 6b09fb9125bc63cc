#!/bin/sh
# Registers the webhook of Jira Cloud; the same as Settings > System > WebHooks > Create.
# Needs the right "Administer Jira".
#
#   JIRA=https://SITE.atlassian.net ADMIN=you@example.net ADMIN_TOKEN=… \
#   MENDWHEEL=https://mendwheel.example.net PROJECT=LP \
#   MENDWHEEL_JIRA_WEBHOOK_SECRET=… deploy/jira/register-webhook.sh
set -eu
: "${JIRA:?}" "${ADMIN:?}" "${ADMIN_TOKEN:?}" "${MENDWHEEL:?}" "${PROJECT:?}"
: "${MENDWHEEL_JIRA_WEBHOOK_SECRET:?}"
case $MENDWHEEL_JIRA_WEBHOOK_SECRET in
  *[!A-Za-z0-9_.-]*)
    echo "the secret has other signs than letters, digits, _ . -: take openssl rand -hex 32" >&2
    exit 2 ;;
esac

# By standard input, so that no secret stands in the list of processes.
{
  printf 'user = "%s:%s"\n' "$ADMIN" "$ADMIN_TOKEN"
  printf 'header = "Content-Type: application/json"\n'
  printf 'data = "%s"\n' "$(sed 's/["\\]/\\&/g' <<JSON | tr -d '\n'
{
  "name": "Mendwheel",
  "url": "$MENDWHEEL/jira/webhook",
  "secret": "$MENDWHEEL_JIRA_WEBHOOK_SECRET",
  "events": [
    "jira:issue_created", "jira:issue_updated", "comment_created", "comment_updated"
  ],
  "filters": {"issue-related-events-section": "project = $PROJECT"},
  "excludeBody": false
}
JSON
)"
} | curl --fail-with-body --silent --show-error --config - "$JIRA/rest/webhooks/1.0/webhook"
