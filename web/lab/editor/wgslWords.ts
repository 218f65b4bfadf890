/** Words of WGSL (W3C Candidate Recommendation): what the editor colours and completes. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const keywords = words(`
  alias break case const const_assert continue continuing default diagnostic discard else enable fn for if let loop
  override requires return struct switch var while`)

export const constants = words('true false')

export const types = words(`
  bool f16 f32 i32 u32 vec2 vec3 vec4 vec2f vec3f vec4f vec2h vec3h vec4h vec2i vec3i vec4i vec2u vec3u vec4u
  mat2x2 mat2x3 mat2x4 mat3x2 mat3x3 mat3x4 mat4x2 mat4x3 mat4x4 mat2x2f mat2x3f mat2x4f mat3x2f mat3x3f mat3x4f
  mat4x2f mat4x3f mat4x4f mat2x2h mat3x3h mat4x4h array atomic ptr`)

/** Address spaces, access modes and attributes' arguments. */
export const enumerants = words(`
  function private workgroup uniform storage read write read_write global_invocation_id local_invocation_id
  local_invocation_index workgroup_id num_workgroups subgroup_invocation_id subgroup_size`)

export const attributes = words(
  'align binding builtin compute const diagnostic group id must_use size workgroup_size',
)

export const functions = words(`
  abs acos acosh all any arrayLength asin asinh atan atan2 atanh atomicAdd atomicAnd atomicCompareExchangeWeak
  atomicExchange atomicLoad atomicMax atomicMin atomicOr atomicStore atomicSub atomicXor bitcast ceil clamp cos cosh
  countLeadingZeros countOneBits countTrailingZeros cross degrees determinant distance dot dot4I8Packed dot4U8Packed
  exp exp2 extractBits faceForward firstLeadingBit firstTrailingBit floor fma fract frexp insertBits inverseSqrt ldexp
  length log log2 max min mix modf normalize pack2x16float pack2x16snorm pack2x16unorm pack4x8snorm pack4x8unorm
  pack4xI8 pack4xI8Clamp pack4xU8 pack4xU8Clamp pow quantizeToF16 radians reflect refract reverseBits round saturate
  select sign sin sinh smoothstep sqrt step storageBarrier subgroupAdd subgroupAll subgroupAnd subgroupAny
  subgroupBallot subgroupBroadcast subgroupBroadcastFirst subgroupElect subgroupExclusiveAdd subgroupExclusiveMul
  subgroupInclusiveAdd subgroupInclusiveMul subgroupMax subgroupMin subgroupMul subgroupOr subgroupShuffle
  subgroupShuffleDown subgroupShuffleUp subgroupShuffleXor subgroupXor tan tanh textureBarrier transpose trunc
  unpack2x16float unpack2x16snorm unpack2x16unorm unpack4x8snorm unpack4x8unorm unpack4xI8 unpack4xU8
  workgroupBarrier workgroupUniformLoad`)
