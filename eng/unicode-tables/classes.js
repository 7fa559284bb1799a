const T=require(process.argv[2]);const fs=require('fs');
function base(o){return T.Tokenizer.fromString(JSON.stringify(Object.assign({version:"1.0",truncation:null,padding:null,added_tokens:[],normalizer:null,pre_tokenizer:null,post_processor:null,decoder:null,model:{type:"BPE",dropout:null,unk_token:null,continuing_subword_prefix:null,end_of_word_suffix:null,fuse_unk:false,byte_fallback:false,ignore_merges:false,vocab:{},merges:[]}},o)));}
function norm(n){return base({normalizer:n}).getNormalizer();}
function pre(p){return base({pre_tokenizer:p}).getPreTokenizer();}
const all=[];for(let c=0;c<0x110000;c++)if(c<0xD800||c>0xDFFF)all.push(c);
function ranges(f){const r=[];let s=-1,last=-2;for(const c of all){if(f(String.fromCodePoint(c),c)){if(c!==last+1){if(s>=0)r.push([s,last]);s=c;}last=c;}}if(s>=0)r.push([s,last]);return r;}
const out={};
for(const k of ["\\p{L}","\\p{N}","\\s","\\p{M}","\\p{Lu}","\\p{Ll}","\\p{Lt}","\\p{Lm}","\\p{Lo}","\\p{P}","\\p{S}","\\w","\\d","\\p{Nd}","\\p{Mn}","\\p{Cn}","\\p{Han}","\\p{Hiragana}","\\p{Katakana}"]){
 const n=norm({type:"Replace",pattern:{Regex:k},content:""});out["onig "+k]=ranges(s=>n.normalizeString(s)==="");}
{const p=pre({type:"Whitespace"});out["regex \\w"]=ranges(s=>{const r=p.preTokenizeString(s+"a");return r.length===1&&r[0][0]===s+"a"&&true;});
 out["regex not \\s"]=ranges(s=>p.preTokenizeString(s).length===1);}
{const p=pre({type:"Digits",individual_digits:true});out["rust numeric"]=ranges(s=>p.preTokenizeString(s+"a").length===2);}
{const p=pre({type:"WhitespaceSplit"});out["rust whitespace"]=ranges(s=>p.preTokenizeString(s).length===0);}
{const p=pre({type:"Punctuation",behavior:"Isolated"});out["punct"]=ranges(s=>p.preTokenizeString(s+"a").length===2);}
{const p=pre({type:"BertPreTokenizer"});out["bertpre punct"]=ranges(s=>p.preTokenizeString(s+"a").length===2);out["bertpre space"]=ranges(s=>p.preTokenizeString(s).length===0);}
{const n=norm({type:"BertNormalizer",clean_text:true,handle_chinese_chars:false,strip_accents:false,lowercase:false});out["bert removed"]=ranges(s=>n.normalizeString(s)==="");out["bert space"]=ranges(s=>n.normalizeString(s)===" ");}
{const n=norm({type:"BertNormalizer",clean_text:false,handle_chinese_chars:true,strip_accents:false,lowercase:false});out["bert chinese"]=ranges(s=>n.normalizeString(s)===" "+s+" ");}
{const n=norm({type:"BertNormalizer",clean_text:false,handle_chinese_chars:false,strip_accents:true,lowercase:false});out["bert accents removed"]=ranges(s=>n.normalizeString(s)==="");}
{const n=norm({type:"StripAccents"});out["strip accents removed"]=ranges(s=>n.normalizeString(s)==="");}
{const n=norm({type:"Nmt"});out["nmt removed"]=ranges(s=>n.normalizeString(s)==="");out["nmt space"]=ranges((s,c)=>c!==32&&n.normalizeString(s)===" ");}
fs.writeFileSync(process.argv[3]+'/classes.json',JSON.stringify(out));
function map(n){const m={};for(const c of all){const s=String.fromCodePoint(c);const r=n.normalizeString(s);if(r!==s)m[c]=[...r].map(x=>x.codePointAt(0));}return m;}
const maps={};for(const t of ["NFC","NFD","NFKC","NFKD","Lowercase"])maps[t]=map(norm({type:t}));
fs.writeFileSync(process.argv[3]+'/maps.json',JSON.stringify(maps));
// scripts: boundary behaviour: letter a + char + a
{const p=pre({type:"UnicodeScripts"});const sc={};for(const c of all){const s=String.fromCodePoint(c);sc[c]=p.preTokenizeString("a"+s).length===1?1:0;}
 out2=ranges((s,c)=>sc[c]===1);fs.writeFileSync(process.argv[3]+'/latinlike.json',JSON.stringify(out2));}
