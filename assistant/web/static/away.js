// What htmx neither says nor does by itself.
{
  const note = () => document.getElementById("note");
  let over = false; // the chat of this page is there no more: it was forgotten, or left in another tab

  const beginAnew = () => { if (over && !("over" in note().dataset)) location.reload(); };

  // Only what was sent goes: what was typed since then is for the next message.
  document.addEventListener("htmx:after:request", event => {
    const { hx, request } = event.detail.ctx;
    const field = hx.taken && document.getElementById(hx.taken);
    if (field && request.body.get(field.name).replaceAll("\r", "") === field.value) field.value = "";
  });
  // The answer to a form and the news bring the same entries: one that is there already keeps its focus.
  document.addEventListener("htmx:before:swap", event => {
    for (const { fragment, swapSpec } of event.detail.tasks) {
      if (swapSpec.style !== "upsert") continue;
      for (const entry of [...fragment.children]) {
        if (entry.id && document.getElementById(entry.id)?.isEqualNode(entry)) entry.remove();
      }
    }
  });
  document.addEventListener("htmx:error", event => {
    if (event.target.id === "say") note().textContent = event.target.dataset.away;
  });
  document.addEventListener("htmx:sse:after:connection", event => {
    over = event.detail.connection.status === 204;
    beginAnew();
  });
  document.addEventListener("htmx:sse:before:connection", event => {
    if (over) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", beginAnew);
}
