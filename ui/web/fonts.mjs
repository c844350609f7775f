// fonts.mjs cuts the fonts of the printed stands into ui/stand/fonts, where Go embeds them.
//
// Names of shops may be written with any character of Japanese, so one weight of the Japanese
// font stays whole. The fixed texts (ui/stand/texts.json) are known: a few kilobytes hold them in
// each language's own forms. Layout tables and hints go: nothing that draws a stand reads them.
// Names 0, 13 and 14 of a font are its copyright and licence (OFL 1.1) and stay.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import subset from 'subset-font'

const fonts = new URL('../stand/fonts/', import.meta.url)
const texts = JSON.parse(await readFile(new URL('../stand/texts.json', import.meta.url)))

// Chinese and Korean wallets by the names that their users know.
const wallets = '支付宝微信支付云闪付八达通香港街口全盈一卡通悠游付' +
  '카카오페이네이버토스제로삼성애플알리위챗뱅크은행'

const cut = async (script, weight, text) => {
  const name = `NotoSans${script}_${weight}`
  const file = new URL(`node_modules/@expo-google-fonts/noto-sans-${script.toLowerCase()}/` +
    `${weight}/${name}.ttf`, import.meta.url)
  const font = await subset(await readFile(file), text, {
    targetFormat: 'sfnt',
    noLayoutClosure: true,
    keepFeatures: [],
    noHinting: true,
    dropTables: ['GPOS', 'GSUB', 'GDEF', 'BASE', 'vhea', 'vmtx', 'gasp', 'STAT'],
    preserveNameIds: [0, 13, 14],
  })
  await writeFile(new URL(`${script}-${weight.slice(0, 3)}.ttf.gz`, fonts),
    gzipSync(font, { level: 9 }))
}

// Every character there is; the font keeps those that it has.
const everything = () => {
  let all = ''
  for (let c = 0x20; c < 0x40000; c++) {
    if (c < 0xd800 || c > 0xdfff) all += String.fromCodePoint(c)
  }
  return all
}

export const cutFonts = async () => {
  await mkdir(fonts, { recursive: true })
  for (const name of await readdir(fonts)) {
    if (name !== '.gitkeep') await rm(new URL(name, fonts))
  }
  const latin = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('') + '·…'
  const said = (...langs) => langs.flatMap(l => Object.values(texts[l])).join('') + latin
  await cut('JP', '700Bold', everything())
  await cut('JP', '500Medium', said('ja', 'en'))
  for (const [script, lang] of [['SC', 'zh-Hans'], ['KR', 'ko']]) {
    await cut(script, '500Medium', said(lang))
    await cut(script, '700Bold', said(lang) + wallets)
  }
}
