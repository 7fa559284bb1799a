const T=require(process.argv[2]);const fs=require('fs');
function base(o){return T.Tokenizer.fromString(JSON.stringify(Object.assign({version:"1.0",truncation:null,padding:null,added_tokens:[],normalizer:null,pre_tokenizer:null,post_processor:null,decoder:null,model:{type:"BPE",dropout:null,unk_token:null,continuing_subword_prefix:null,end_of_word_suffix:null,fuse_unk:false,byte_fallback:false,ignore_merges:false,vocab:{},merges:[]}},o)));}
const us=base({pre_tokenizer:{type:"UnicodeScripts"}}).getPreTokenizer();
const same=(a,b)=>us.preTokenizeString(String.fromCodePoint(a)+String.fromCodePoint(b)).length===1;
// Script.Any only for space. reps: first char of each class
const reps=[];const out=[];let last=-1;
for(let c=0;c<0x110000;c++){ if(c>=0xD800&&c<=0xDFFF)continue; if(c===32){continue;}
 let k=-1; if(same(0x61,c)&&same(0x44f,c)&&same(0x4e2d,c)){last=-1;continue;} if(last>=0&&same(reps[last],c))k=last; else {for(let i=0;i<reps.length;i++)if(same(reps[i],c)){k=i;break;} if(k<0){k=reps.length;reps.push(c);}}
 if(k===last&&out[out.length-1][1]===c-1)out[out.length-1][1]=c; else out.push([c,c,k]); last=k;}
fs.writeFileSync(process.argv[3]+'/scripts.json',JSON.stringify(out));console.log(out.length,reps.length);
