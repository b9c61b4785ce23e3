/* The theme, before anything is drawn: the one chosen earlier, and the button that changes it. Not a module: it must not
   wait. The mark that scripts run comes from here, too. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  root.dataset.js = "";
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // a browser that keeps nothing follows the system's theme
  }
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-theme-button]")) return;
    root.dataset.theme = (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // the choice holds for this page
    }
  });
})();
