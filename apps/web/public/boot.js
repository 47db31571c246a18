// Runs before the first paint: the chosen colours and text size, so that nothing flashes.
(() => {
  // The content policy refuses eval; without this the schema library would probe for it and be reported.
  globalThis.__zod_globalConfig = { jitless: true };
  try {
    const settings = JSON.parse(localStorage.getItem('jigeum.settings') ?? '{}');
    const root = document.documentElement;
    if (settings.colours === 'light' || settings.colours === 'dark') root.dataset.colours = settings.colours;
    if (settings.isTextBig === true) root.dataset.text = 'big';
    if (settings.language === 'en') root.lang = 'en';
  } catch {
    // Without storage (a private window) the defaults hold.
  }
})();
