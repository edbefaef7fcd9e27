// What htmx neither says nor does by itself.
{
  const note = () => document.getElementById("note");
  let over = false; // the chat of this page is there no more: it was forgotten, or left in another tab

  const beginAnew = () => { if (over && !("over" in note().dataset)) location.reload(); };

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
