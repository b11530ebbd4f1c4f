const vm=require("node:vm");const S=vm.Script;const t0=performance.now();
vm.Script=class extends S{constructor(t,o){const a=performance.now();super(t,o);this.n=o.filename;console.error("script",o.filename.split("/").at(-1),(performance.now()-a).toFixed(1),"rejected",this.cachedDataRejected,"at",a.toFixed(1))}
runInThisContext(){const f=super.runInThisContext();return (...a)=>{const t=performance.now();f(...a);console.error("eval",this.n.split("/").at(-1),(performance.now()-t).toFixed(1))}}};
const g=process.getBuiltinModule;process.getBuiltinModule=id=>{const t=performance.now();const m=g(id);const d=performance.now()-t;if(d>.3)console.error("builtin",id,d.toFixed(1),"at",t.toFixed(1));return m};
process.on("exit",()=>console.error("exit",performance.now().toFixed(1)));
process.argv.splice(1,1);
require("/tmp/bundle/dist/image-promoter.js");
console.error("loop",performance.now().toFixed(1));
