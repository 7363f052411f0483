//go:build amd64 && !purego

#include "textflag.h"
#include "go_asm.h"
#include "plain_amd64.h"

// func mark(dst *[markWindow/8 + 8]byte, src []byte)
TEXT ·mark(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  src_base+8(FP), SI
	MOVQ  src_len+16(FP), CX
	MOVOU quotes<>(SB), X5
	MOVOU slashes<>(SB), X6
	MOVOU spaces<>(SB), X7
	MOVQ  CX, DX
	ANDQ  $~15, DX
	ADDQ  SI, DX // the end of the last whole block
	ADDQ  SI, CX

loop:
	MOVOU (SI), X0
	LOOK
	MOVW  BX, (DI)
	ADDQ  $2, DI
	ADDQ  $16, SI
	CMPQ  SI, DX
	JB    loop
	XORL  BX, BX
	MOVQ  BX, (DI)
	SUBQ  SI, CX
	JEQ   done

	// The last 16 bytes, of which CX are new.
	MOVOU -16(SI)(CX*1), X0
	LOOK
	NEGQ  CX
	ADDQ  $16, CX
	SHRL  CX, BX
	MOVW  BX, (DI)
	XORL  BX, BX
	MOVQ  BX, 2(DI)

done:
	RET
