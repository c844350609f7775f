// The script of the pages of parks: buying, tickets, waits.
import { buying } from './buy.js'
import { followWaits } from './live-waits.js'
import { showTickets } from './ticket.js'

buying()
showTickets()
followWaits()
