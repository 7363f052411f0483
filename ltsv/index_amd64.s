//go:build amd64 && !purego

#include "textflag.h"

// LOAD sets AX to the mask of TABs and BX to the mask of colons in the 64
// bytes at SI. Y6 holds 32 TABs, Y7 32 colons.
#define LOAD \
	VMOVDQU   (SI), Y0;     \
	VMOVDQU   32(SI), Y1;   \
	VPCMPEQB  Y0, Y6, Y2;   \
	VPCMPEQB  Y1, Y6, Y3;   \
	VPCMPEQB  Y0, Y7, Y4;   \
	VPCMPEQB  Y1, Y7, Y5;   \
	VPMOVMSKB Y2, AX;       \
	VPMOVMSKB Y3, CX;       \
	VPMOVMSKB Y4, BX;       \
	VPMOVMSKB Y5, DX;       \
	SHLQ $32, CX; ORQ CX, AX; \
	SHLQ $32, DX; ORQ DX, BX

// FIRST takes the masks of a block, AX of TABs and BX of colons, and sets DX to
// the colons that are the first of their field. R11 is 1 if a field starts at the
// block's first byte, R12 is -1 if a field that has no colon yet goes on there;
// both are set for the next block.
//
// CX becomes the bytes that are neither TAB nor colon, DX the starts of fields
// among them. Adding DX to CX makes a carry run from each start to the first TAB
// or colon after it, and a carry that lands on a colon has found what is sought.
// A field that is empty, begins with a colon or has none gets no colon.
#define FIRST \
	MOVQ AX, CX;            \
	ORQ  BX, CX;            \
	NOTQ CX;                \
	LEAQ (R11)(AX*2), DX;   \
	ANDQ CX, DX;            \
	ADDQ R12, R12;          \
	ADCQ CX, DX;            \
	SBBQ R12, R12;          \
	ANDQ BX, DX;            \
	MOVQ AX, R11;           \
	SHRQ $63, R11

// PUT stores the position of the lowest bit of DX and takes it out.
#define PUT(at) \
	TZCNTQ DX, CX;          \
	ADDL   R10, CX;         \
	MOVL   CX, at;          \
	BLSRQ  DX, DX

// func indexBlocks(p *byte, n, base int, spans *span, room int, state uint64) (done, colons, ends int, out uint64)
TEXT ·indexBlocks(SB), NOSPLIT, $8-80
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), R8
	MOVQ base+16(FP), R10
	MOVQ spans+24(FP), DI
	MOVQ room+32(FP), R9
	LEAQ -130*8(DI)(R9*8), R9
	MOVQ R9, limit-8(SP)   // a block begins only if two blocks of TABs have room
	XORL R14, R14          // ends
	MOVQ state+40(FP), R11
	MOVQ R11, R12
	ANDQ $1, R11           // stateStart
	SHLQ $62, R12
	SARQ $63, R12          // stateOpen
	LEAQ -1(R11), AX
	XORQ R12, AX           // -1 if the colon of an open field stands there already
	NEGQ AX
	LEAQ (DI)(AX*4), DI    // where the next position goes
	ANDQ $~63, R8
	ADDQ SI, R8            // the end of the whole blocks

	MOVL         $0x3a09, AX
	MOVQ         AX, X6
	VPSRLQ       $8, X6, X7
	VPBROADCASTB X6, Y6
	VPBROADCASTB X7, Y7

	PCALIGN $64
block:
	CMPQ SI, R8
	JAE  tail
	CMPQ DI, limit-8(SP)
	JA   done
	LOAD
	ADDQ $64, SI

put:
	FIRST

	// Where each field has a colon, the positions of colons and ends take
	// turns, as they do in spans. Four are stored, whether or not there are so
	// many: storing too many is cheaper than a branch that guesses wrong. Five
	// did as well, eight worse.
	POPCNTQ AX, CX
	ADDQ    CX, R14
	ORQ     AX, DX
	POPCNTQ DX, BX
	LEAQ    (DI)(BX*4), R9

four:
	PUT(0(DI))
	PUT(4(DI))
	PUT(8(DI))
	PUT(12(DI))
	ADDQ  $16, DI
	TESTQ DX, DX
	JNE   four

next:
	MOVQ  R9, DI
	ADDQ  $64, R10
	TESTQ R8, R8
	JNE   block
	JMP   done

tail:
	// What is left of the line, and a TAB that is not there after it. To read no
	// byte outside, 64 bytes are loaded that end where the line does.
	MOVQ  state+40(FP), AX
	TESTQ $8, AX           // stateLast
	JEQ   done
	MOVQ  n+8(FP), R9
	MOVQ  base+16(FP), R8
	ADDQ  R9, R8           // the line's length
	ANDQ  $63, R9          // bytes left
	XORL  AX, AX
	XORL  BX, BX
	TESTQ R9, R9
	JEQ   marks
	CMPQ  R8, $64
	JLT   short
	LEAQ  -64(SI)(R9*1), SI
	LOAD
	MOVQ  $64, CX
	SUBQ  R9, CX
	SHRQ  CX, AX
	SHRQ  CX, BX
	ADDQ  CX, SI
	JMP   marks

short:
	LOAD
	MOVQ $-1, DX
	MOVQ R9, CX
	SHLQ CX, DX
	NOTQ DX
	ANDQ DX, AX
	ANDQ DX, BX

marks:
	ADDQ R9, SI
	BTSQ R9, AX
	XORL R8, R8            // no block after this
	JMP  put

done:
	VZEROUPPER
	SUBQ p+0(FP), SI
	MOVQ SI, done+48(FP)
	SUBQ spans+24(FP), DI
	SHRQ $2, DI
	SUBQ R14, DI
	MOVQ DI, colons+56(FP)
	MOVQ R14, ends+64(FP)
	ANDQ $2, R12
	ORQ  R12, R11
	MOVQ R11, out+72(FP)
	RET

// func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	MOVL DX, edx+20(FP)
	RET

// func xgetbv() (eax uint32)
TEXT ·xgetbv(SB), NOSPLIT, $0-4
	XORL CX, CX
	XGETBV
	MOVL AX, eax+0(FP)
	RET
