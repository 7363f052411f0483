//go:build amd64 && !purego

#include "textflag.h"
#include "plain_amd64.h"

// func copyPlain(dst, s []byte) int
TEXT ·copyPlain(SB), NOSPLIT, $32-56
	MOVQ  dst_base+0(FP), DI
	MOVQ  s_base+24(FP), SI
	MOVQ  s_len+32(FP), CX
	MOVOU quotes<>(SB), X5
	MOVOU slashes<>(SB), X6
	MOVOU spaces<>(SB), X7
	XORL  AX, AX
	CMPQ  CX, $16
	JB    short
	LEAQ  -16(CX), DX

loop:
	MOVOU (SI)(AX*1), X0
	MOVOU X0, (DI)(AX*1)
	LOOK
	TESTL BX, BX
	JNZ   found
	ADDQ  $16, AX
	CMPQ  AX, DX
	JBE   loop
	CMPQ  AX, CX
	JEQ   all
	MOVQ  DX, AX // the last 16 bytes, some of them for the second time
	JMP   loop

short:
	TESTQ CX, CX
	JEQ   all // s may be nil
	// 16 bytes from s on, if they are on its page: then they can be read, whatever
	// stands behind s.
	MOVL SI, R8
	ANDL $4095, R8
	CMPL R8, $(4096-16)
	JA   edge
	MOVOU (SI), X0

one:
	MOVOU X0, (DI)
	LOOK
	MOVL $1, DX
	SHLL CX, DX
	DECL DX
	ANDL DX, BX // what stands behind s does not count
	JNZ  found

all:
	MOVQ CX, ret+48(FP)
	RET

found:
	TZCNTL BX, BX // BSF where it is not known, and the same for what is not 0
	ADDQ   BX, AX
	MOVQ   AX, ret+48(FP)
	RET

edge:
	// 16 bytes up to the end of s, on the stack; from the start of s on, they are as above.
	MOVOU -16(SI)(CX*1), X0
	MOVOU X0, buf-32(SP)
	MOVQ  $16, R8
	SUBQ  CX, R8
	LEAQ  buf-32(SP), R9
	MOVOU (R9)(R8*1), X0
	JMP   one
