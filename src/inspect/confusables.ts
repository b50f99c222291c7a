/**
 * Letters of other scripts that are drawn like Latin ones. Compatibility forms (full-width, mathematical, circled, …)
 * need no entry: NFKC folds them. Each line is `Latin` followed by its look-alikes.
 */
const LOOK_ALIKES = `
A АΑᎪꓮ𐊠Ⲁ
B ВΒᏴꓐⲂ
C СϹᏟꓚⅭⲤ
D ᎠꓓꓒƊ
E ЕΕᎬꓰⲈ
F ϜҒꓝ
G ԌᏀꓖ
H НΗᎻꓧҺⲎ
I ІΙӀᏆꓲⲒ
J ЈᎫꓙ
K КΚᏦꓗҚⲔ
L ᏞꓡԼ
M МΜᎷꓟϺⲘ
N ΝꓠՆⲚ
O ОΟՕꓳⲞ
P РΡᏢꓑⲢ
Q ԚႭ
R ᎡᏒꓣ
S ЅՏᏚꓢ
T ТΤᎢꓔⲦ
U ՍꓴԱ
V ѴᏙꓦ
W ԜᎳꓪ
X ХΧꓫⲬ
Y УΥҮᎩꓬⲨ
Z ΖᏃꓜⲌ
a аαɑᴀⲁ
b ЬƄʙɓ
c сϲᴄⅽⲥ
d ԁɗᴅ
e еεҽᴇєⲉɘ
f ſẝꜰ
g ɡցɢ
h һհʜⲏɦ
i іιıɪɩⲓ
j јϳᴊ
k кκᴋⲕƙ
l ӏǀʟɭ
m мⅿᴍⲙɱ
n пηոռɴⲛᴨɲ
o оοօσᴏⲟɵ
p рρᴘⲣ
q ԛգզꞯ
r гᴦʀⲅɽɾ
s ѕꜱʂ
t тτᴛⲧʈ
u υսᴜ
v νѵᴠʋ
w ѡԝᴡաⲱ
x хχⲭ
y уγүʏ
z ᴢʐ
`;

function table(): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of LOOK_ALIKES.trim().split('\n')) {
    const [latin = '', ...others] = line.replace(' ', '');
    for (const other of others) map.set(other, latin);
  }
  return map;
}

/** Look-alike → the Latin letter it is drawn like. */
export const CONFUSABLES: ReadonlyMap<string, string> = table();
