/* Before anything is drawn: the theme chosen earlier, and the mark that scripts run. Not a module: it must not wait. */
(() => {
  const root = document.documentElement;
  root.dataset.js = "";
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // a browser that keeps nothing follows the system's theme
  }
})();
