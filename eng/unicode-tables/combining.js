const T=require(process.argv[2]);const fs=require('fs');
const n=T.nfdNormalizer();const cand=JSON.parse(fs.readFileSync(process.argv[3]+'/cand.json'));const out=[];
for(const c of cand){const X=String.fromCodePoint(c);const d=n.normalizeString(X);if(d!==X){continue;}
 const a=n.normalizeString("a"+X+"\u0334")!=="a"+X+"\u0334";const b=n.normalizeString("a\u0301"+X)!=="a\u0301"+X; if(a||b||false)out.push(c);else { /* ccc 230 exactly */ const e=n.normalizeString("a\u0345"+X)!=="a\u0345"+X; if(e)out.push(c);} }
fs.writeFileSync(process.argv[3]+'/ccc.json',JSON.stringify(out));
