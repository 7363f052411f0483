//go:build amd64 && !purego

#include "textflag.h"
#include "go_asm.h"
#include "plain_amd64.h"

// func appendMembers(dst []byte, members []Member) (size, done int)
//
// DI is where to write, DX its value before the member in work, R10 the end of dst;
// R11 is the member, R12 how many are left.
TEXT ·appendMembers(SB), NOSPLIT, $32-64
	MOVQ  dst_base+0(FP), DI
	MOVQ  dst_len+8(FP), R10
	ADDQ  DI, R10
	MOVQ  members_base+24(FP), R11
	MOVQ  members_len+32(FP), R12
	MOVOU quotes<>(SB), X5
	MOVOU slashes<>(SB), X6
	MOVOU spaces<>(SB), X7

next:
	MOVQ  DI, DX
	TESTQ R12, R12
	JEQ   stop
	MOVQ  Member_Name(R11), R9
	MOVQ  Member_Value(R11), SI
	MOVQ  (Member_Value+8)(R11), CX
	MOVQ  (Name_text+8)(R9), R8
	CMPQ  R8, $32 // of head
	JA    stop
	CMPQ  CX, $const_maxMember
	JA    stop
	LEAQ  (32+const_slack)(DI)(CX*1), AX
	CMPQ  AX, R10
	JA    stop
	MOVOU Name_head(R9), X0
	MOVOU (Name_head+16)(R9), X1
	MOVOU X0, (DI)
	MOVOU X1, 16(DI)
	ADDQ  R8, DI
	CMPB  Member_JSON(R11), $0
	JNE   json
	CMPQ  CX, $16
	JB    short
	XORL  AX, AX
	LEAQ  -16(CX), R8

loop:
	MOVOU (SI)(AX*1), X0
	MOVOU X0, (DI)(AX*1)
	LOOK
	TESTL BX, BX
	JNZ   stop
	ADDQ  $16, AX
	CMPQ  AX, R8
	JBE   loop
	CMPQ  AX, CX
	JEQ   quote
	MOVQ  R8, AX // the last 16 bytes, some of them for the second time
	JMP   loop

quote:
	MOVB $'"', (DI)(CX*1)
	LEAQ 1(DI)(CX*1), DI
	ADDQ $Member__size, R11
	DECQ R12
	JMP  next

short:
	TESTQ CX, CX
	JEQ   quote
	// 16 bytes from the value on, if they are on its page: see copyPlain.
	MOVL SI, R8
	ANDL $4095, R8
	CMPL R8, $(4096-16)
	JA   edge
	MOVOU (SI), X0

one:
	MOVOU X0, (DI)
	LOOK
	MOVL  $1, R8
	SHLL  CX, R8
	DECL  R8
	TESTL R8, BX // what stands behind the value does not count
	JEQ   quote
	JMP   stop

json:
	DECQ  DI // no quote
	TESTQ CX, CX
	JEQ   null
	CMPQ  CX, $16
	JA    stop
	JEQ   whole
	MOVL  SI, R8
	ANDL  $4095, R8
	CMPL  R8, $(4096-16)
	JA    edge

whole:
	MOVOU (SI), X0

bare:
	MOVOU X0, (DI)
	ADDQ  CX, DI
	ADDQ  $Member__size, R11
	DECQ  R12
	JMP   next

null:
	MOVL $0x6c6c756e, (DI)
	ADDQ $4, DI
	ADDQ $Member__size, R11
	DECQ R12
	JMP  next

edge:
	// 16 bytes up to the end of the value, on the stack: see copyPlain.
	MOVOU -16(SI)(CX*1), X0
	MOVOU X0, buf-32(SP)
	MOVQ  $16, R8
	SUBQ  CX, R8
	LEAQ  buf-32(SP), R9
	MOVOU (R9)(R8*1), X0
	CMPB  Member_JSON(R11), $0
	JNE   bare
	JMP   one

stop:
	SUBQ dst_base+0(FP), DX
	MOVQ DX, size+48(FP)
	MOVQ members_len+32(FP), AX
	SUBQ R12, AX
	MOVQ AX, done+56(FP)
	RET
