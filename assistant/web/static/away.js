// Where what was sent does not arrive, the page says so: htmx says nothing.
document.addEventListener("htmx:error", event => {
  if (event.target.id === "say") document.getElementById("note").textContent = event.target.dataset.away;
});
