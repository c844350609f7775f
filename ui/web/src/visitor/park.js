// The script of the pages of parks: buying, tickets, waits.
import '../theme/left.js'
import { lookAgain } from './again.js'
import { buying } from './buy.js'
import { followWaits } from './live-waits.js'
import { showTickets } from './ticket.js'

buying()
showTickets()
followWaits()
lookAgain()
// What is held goes when its time is over: the page says so then.
document.addEventListener('time-over', () => location.replace(location.pathname))
