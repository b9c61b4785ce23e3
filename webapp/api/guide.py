"""What stands above the API's list of addresses: who may call, and a whole conversation that can be copied."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

CONVERSATION = """```sh
site=https://gibbon.example.org/api/v1; token="Authorization: Bearer gibbon_…"
image=$(curl -s -H "$token" -F image=@photo.jpg $site/images | jq -r .id)
job=$(curl -s -H "$token" -H "Content-Type: application/json" $site/jobs \\
      -d '{"kind": "attack", "image": "'$image'", "classifier": "imagenet-lite0",
           "attack": "fgsm", "params": {"epsilon": 2}}' | jq -r .id)
over='.status | IN("done", "failed", "cancelled")'
until curl -s -H "$token" $site/jobs/$job | jq -e "$over" > /dev/null; do sleep 1; done
curl -s -H "$token" $site/jobs/$job | jq .result
```"""
PARAGRAPHS = (
    _("Upload a picture, ask a classifier what it sees, break it, judge the result."),
    _("## How to call it"),
    _(
        "**Who calls.** A program sends a personal token, made in the admin: `Authorization: Bearer gibbon_…`. On this "
        "page *Try it out* works without one: your browser's cookie says which pictures are yours."
    ),
    _(
        "**A whole conversation.** An answer of 202 means that the job waits; ask for it about once a second, until "
        "`status` is `done`, `failed` or `cancelled` (`progress` and `position` say how far it is)."
    ),
    CONVERSATION,
    _(
        "Who does not want to ask again and again opens the WebSocket `/ws/jobs/{id}` (with an `Origin` header that "
        "names the site): it sends the job's JSON now and as the job goes on, and closes after the last."
    ),
    _("**Pictures.** What an answer names (`image_url`, `sign_url`) is fetched from this site with the same token."),
    _("**Units.** `epsilon` counts grey levels of 255, as a whole number: 8 for what papers write as 8/255 or 0.031."),
    _(
        '**Refusals** have one shape, `{"error": {"code", "message", "field", "job"}}`; 429 and 503 come with '
        "`Retry-After` in seconds. `job` is one of yours that has to end, or to be stopped, before."
    ),
)


def text() -> str:
    """The guide in the reader's language, as Markdown."""
    return "\n\n".join(paragraph if paragraph is CONVERSATION else gettext(paragraph) for paragraph in PARAGRAPHS)
