package browser

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"watari/kit/qr"
)

// The camera's picture, in pixels.
const cameraWidth, cameraHeight = 640, 480

// Light and dark, and the middle of the two colour planes (no colour).
const light, dark, noColour = 235, 16, 128

// Camera decides what the camera of all tabs shows from now on: the QR code of a text, or a blank
// wall for "". A page that has its camera open already goes on showing what it showed. The rig
// needs a camera of its own.
func (r *Rig) Camera(t testing.TB, text string) {
	t.Helper()
	if !r.camera {
		t.Fatal("hold a code before the camera: others look through it too, see StartWithCamera")
	}
	picture := blank()
	if text != "" {
		symbol, err := qr.QR(text)
		if err != nil {
			t.Fatalf("hold a code before the camera: %v", err)
		}
		draw(picture, symbol)
	}
	r.film(t, picture)
}

// blank is the picture of a wall: how light each pixel is.
func blank() []byte { return bytes.Repeat([]byte{light}, cameraWidth*cameraHeight) }

// film has the camera show a picture, a few times a second: pages look for a code in every frame.
func (c *chrome) film(t testing.TB, picture []byte) {
	t.Helper()
	var video bytes.Buffer
	fmt.Fprintf(&video, "YUV4MPEG2 W%d H%d F5:1 Ip A1:1 C420jpeg\nFRAME\n",
		cameraWidth, cameraHeight)
	video.Write(picture)
	video.Write(bytes.Repeat([]byte{noColour}, cameraWidth*cameraHeight/2))
	if err := os.WriteFile(c.video, video.Bytes(), 0o644); err != nil {
		t.Fatalf("show the camera a picture: %v", err)
	}
}

// draw puts a code into the middle of a picture, as large as it fits with a margin.
func draw(picture []byte, symbol *qr.Symbol) {
	width, height := symbol.Size()
	scale := cameraHeight * 8 / 10 / max(width, height)
	left, top := (cameraWidth-width*scale)/2, (cameraHeight-height*scale)/2
	for y := range height * scale {
		for x := range width * scale {
			if symbol.Dark(x/scale, y/scale) {
				picture[(top+y)*cameraWidth+left+x] = dark
			}
		}
	}
}
