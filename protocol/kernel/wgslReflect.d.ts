/** The package's Node entry is CommonJS in a package that says it is not (1.6.0): its browser module runs in both. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect'
}
