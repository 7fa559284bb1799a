import json,unicodedata,zlib,base64,sys
D=sys.argv[1]+'/'
cl=json.load(open(D+'classes.json'));maps=json.load(open(D+'maps.json'));ccc=json.load(open(D+'ccc.json'));scripts=json.load(open(D+'scripts.json'))
b=bytearray()
def v(n):
    assert n>=0
    while n>=128: b.append(n&127|128); n>>=7
    b.append(n)
hang=lambda c:0xAC00<=c<=0xD7A3
def mapping(m):
    items=sorted((int(k),x) for k,x in m.items() if not hang(int(k)))
    v(len(items)); last=0
    for c,x in items:
        v(c-last); last=c; v(len(x))
        for y in x: v(y)
nfd,nfkd,nfc=maps['NFD'],maps['NFKD'],maps['NFC']
mapping(nfd); mapping({k:x for k,x in nfkd.items() if nfd.get(k)!=x})
runs=[]
for c in ccc:
    k=unicodedata.combining(chr(c))
    if runs and runs[-1][0]+runs[-1][1]==c and runs[-1][2]==k: runs[-1][1]+=1
    else: runs.append([c,1,k])
v(len(runs)); last=0
for c,n,k in runs: v(c-last); v(n); v(k); last=c+n
pairs=[]
for k in nfd:
    c=int(k)
    if hang(c) or k in nfc: continue
    d=unicodedata.decomposition(chr(c)).split()
    assert len(d)==2 and not d[0].startswith('<'),(k,d)
    pairs.append((c,int(d[0],16),int(d[1],16)))
pairs.sort(); v(len(pairs)); last=0
for c,a,x in pairs: v(c-last); v(a); v(x); last=c
for s in ("punct","bert accents removed","strip accents removed"):
    r=cl[s]; v(len(r)); last=0
    for a,z in r: v(a-last); v(z-a+1); last=z+1
v(len(scripts)); last=0
for a,z,k in scripts: v(a-last); v(z-a+1); v(k); last=z+1
low=sorted((int(k),x[0]) for k,x in maps['Lowercase'].items()); v(len(low)); last=0
for c,x in low: v(c-last); last=c; d=x-c; v(d*2 if d>=0 else -d*2-1)
raw=bytes(b); co=zlib.compressobj(9,zlib.DEFLATED,-15); z=co.compress(raw)+co.flush(); t=base64.b64encode(z).decode()
print(len(raw),len(z),len(t),file=sys.stderr)
lines=[t[i:i+140] for i in range(0,len(t),140)]
print('''namespace SkTuning.Tokenizers.Text;

// Written by eng/unicode-tables, not by hand: Unicode's decompositions, combining classes, compositions, three sets of characters and the scripts, exactly as
// the reference library has them (its tables are of several Unicode versions, 9 to 16). Packed by Deflate, written in base 64.
internal static partial class UnicodeTables
{
    private const string Packed =
''',end='')
print('\n'.join('        "%s"%s'%(l,' +' if i+1<len(lines) else ';') for i,l in enumerate(lines)))
print('}')
