// The till's script. Every screen works without it for its basic flow; what it adds stands in
// custom elements, which wake up by themselves when a screen is swapped in.
import './line.js'
import '../theme/left.js'
import '../theme/pad.js'
import './pending.js'
import './refund.js'
import './scan.js'
import './elapsed.js'
import './away.js'
import './install.js'
import { remember } from './kept.js'
import { settle } from './screen.js'
import { resume } from './sale.js'

remember()
settle(document.getElementById('screen'), true)
resume()
