const vm=require("node:vm"),v8=require("node:v8"),fs=require("node:fs");
const text=fs.readFileSync("/tmp/proto/dist/program.js","latin1");
if(process.argv[2]=="make"){fs.writeFileSync("/tmp/bundle/.scratch/c",new vm.Script(text,{filename:"x"}).createCachedData());process.exit()}
if(process.argv[2]=="makeflag"){v8.setFlagsFromString("--semi-space-growth-factor=1");fs.writeFileSync("/tmp/bundle/.scratch/c",new vm.Script(text,{filename:"x"}).createCachedData());process.exit()}
const c0=fs.readFileSync("/tmp/bundle/.scratch/c");
const ok=()=>!new vm.Script(text,{filename:"x",cachedData:c0}).cachedDataRejected;
if(process.argv[2]=="before")v8.setFlagsFromString("--semi-space-growth-factor=1");
console.log(process.argv[2],ok());
if(process.argv[2]=="after"){v8.setFlagsFromString("--semi-space-growth-factor=1");console.log("then",ok())}
