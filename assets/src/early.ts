// Runs before the first paint: the wishes kept in cookies, and the sign that scripts run.
const root = document.documentElement;
root.dataset.script = "";
for (const cookie of document.cookie.split("; ")) {
  const pair = cookie.replace(/^__Host-/, "");
  if (pair === "tongban_mode=elder") root.dataset.mode = "elder";
  if (pair === "tongban_theme=dark") root.dataset.theme = "dark";
  if (pair === "tongban_theme=light") root.dataset.theme = "light";
}
