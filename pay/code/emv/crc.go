package emv

import "fmt"

// checksum returns the CRC of tag 63 over text, which ends with "6304": polynomial 1021, initial
// value FFFF, not reflected, four upper-case hexadecimal digits.
func checksum(text string) string {
	const polynomial = 0x1021
	crc := uint16(0xffff)
	for i := range len(text) {
		crc ^= uint16(text[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ polynomial
			} else {
				crc <<= 1
			}
		}
	}
	return fmt.Sprintf("%04X", crc)
}
