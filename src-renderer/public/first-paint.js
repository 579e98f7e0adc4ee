/* global document, localStorage, matchMedia */
// Runs before the first paint: the window must not open in the other theme. The key and its values are those of app/appearance.tsx.
const chosen = localStorage.getItem('signalbox.theme')
const light = chosen === 'light' || (chosen !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
document.documentElement.dataset.mantineColorScheme = light ? 'light' : 'dark'
