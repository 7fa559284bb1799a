#!/usr/bin/env python3
"""Writes the embedded model as a GGUF file with Q4_0 blocks, as llama.cpp's converter does: eng/tiny-gguf.py samples/15-gguf/tiny-q4_0.gguf"""
import json, os, struct, sys

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "assets", "models", "tiny")
F32, Q4_0 = 0, 2
config = json.load(open(os.path.join(MODEL, "config.json")))
tokenizer = json.load(open(os.path.join(MODEL, "tokenizer.json")))["model"]
NAMES = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "mlp.down_proj": "ffn_down", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output"}


def tensors():
    """The tensors under llama.cpp's names: name, shape, values. The rows of queries and keys are in the order of its rotary positions."""
    with open(os.path.join(MODEL, "model.safetensors"), "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    for name, entry in sorted((n, e) for n, e in header.items() if n != "__metadata__"):
        start, end = entry["data_offsets"]
        values, shape = struct.unpack(f"<{(end - start) // 2}e", data[start:end]), entry["shape"]
        if name == "model.embed_tokens.weight": yield "token_embd.weight", shape, values
        elif name == "model.norm.weight": yield "output_norm.weight", shape, values
        else:
            _, _, layer, inner = name.split(".", 3)
            own = NAMES[inner.removesuffix(".weight")]
            if own in ("attn_q", "attn_k"):
                columns, half = shape[1], config["head_dim"] // 2
                row = lambda i: values[i * columns:(i + 1) * columns]
                values = [v for h in range(shape[0] // config["head_dim"]) for i in range(half) for part in (0, half)
                          for v in row(h * config["head_dim"] + part + i)]
            yield f"blk.{layer}.{own}.weight", shape, values


def blocks(values):
    """Q4_0: 32 values share a scale, and each is one of 16 multiples of it."""
    out = bytearray()
    for at in range(0, len(values), 32):
        block = values[at:at + 32]
        scale = max(block, key=abs) / -8
        out += struct.pack("<e", scale)
        scale = struct.unpack("<e", struct.pack("<e", scale))[0]
        q = [min(15, int(v / scale + 8.5)) if scale else 8 for v in block]
        out += bytes(q[i] | q[i + 16] << 4 for i in range(16))
    return bytes(out)


def text(s): return struct.pack("<Q", len(s.encode())) + s.encode()


def metadata(key, kind, value):
    plain = {4: "<I", 5: "<i", 6: "<f", 7: "<?"}
    if kind == 8: data = text(value)
    elif kind == 9: data = struct.pack("<IQ", value[0], len(value[1])) + b"".join(text(v) if value[0] == 8 else struct.pack(plain[value[0]], v) for v in value[1])
    else: data = struct.pack(plain[kind], value)
    return text(key) + struct.pack("<I", kind) + data


tokens = [t for t, _ in sorted(tokenizer["vocab"].items(), key=lambda p: p[1])]
merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["merges"]]
keys = [
    ("general.architecture", 8, "llama"), ("general.name", 8, "tiny"), ("general.file_type", 4, 2),
    ("llama.block_count", 4, config["num_hidden_layers"]), ("llama.context_length", 4, config["max_position_embeddings"]),
    ("llama.embedding_length", 4, config["hidden_size"]), ("llama.feed_forward_length", 4, config["intermediate_size"]),
    ("llama.attention.head_count", 4, config["num_attention_heads"]), ("llama.attention.head_count_kv", 4, config["num_key_value_heads"]),
    ("llama.attention.layer_norm_rms_epsilon", 6, config["rms_norm_eps"]), ("llama.rope.freq_base", 6, config["rope_theta"]),
    ("llama.rope.dimension_count", 4, config["head_dim"]), ("llama.vocab_size", 4, config["vocab_size"]),
    ("tokenizer.ggml.model", 8, "gpt2"), ("tokenizer.ggml.pre", 8, "smollm"), ("tokenizer.ggml.tokens", 9, (8, tokens)),
    ("tokenizer.ggml.token_type", 9, (5, [3 if t == "<|endoftext|>" else 1 for t in tokens])), ("tokenizer.ggml.merges", 9, (8, merges)),
    ("tokenizer.ggml.bos_token_id", 4, 0), ("tokenizer.ggml.eos_token_id", 4, 0), ("tokenizer.ggml.add_bos_token", 7, False),
]
infos, body = b"", bytearray()
parts = list(tensors())
for name, shape, values in parts:
    kind = F32 if len(shape) == 1 else Q4_0
    infos += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in reversed(shape)) + struct.pack("<IQ", kind, len(body))
    body += struct.pack(f"<{len(values)}f", *values) if kind == F32 else blocks(values)
    body += bytes(-len(body) % 32)
head = b"GGUF" + struct.pack("<IQQ", 3, len(parts), len(keys)) + b"".join(metadata(*k) for k in keys) + infos
with open(sys.argv[1], "wb") as f: f.write(head + bytes(-len(head) % 32) + body)
