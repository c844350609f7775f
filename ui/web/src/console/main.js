// What scripts add to the consoles. Every page works without them.
import './passkey.js'
import './live.js'
import './copy.js'
import './menus.js'
import './shrink.js'
import './merchant.js'
import './park.js'
