// The script of the visitor's app. Every page works without it; it says when the line is down,
// keeps pages for later, and lets people keep the app on their home screen. The first page is
// bounded in bytes and requests: what only some pages need is an entry of its own.
import './line.js'
import './keep.js'
import './install.js'
import './away.js'
import './press.js'

// What a page has to say is read out.
const said = document.getElementById('screen')?.dataset.say
if (said) requestAnimationFrame(() => { document.getElementById('say').textContent = said })
