/* Tables that ggml fills when it starts. The functions under audit do not read them, but a library must have them. */
float ggml_table_f32_f16[1 << 16], ggml_table_f32_e8m0_half[1 << 8], ggml_table_f32_ue4m3[1 << 8];
