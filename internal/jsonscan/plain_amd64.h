// The bytes that are not plain, and how to find them: see isPlain.

DATA quotes<>+0(SB)/8, $0x2222222222222222
DATA quotes<>+8(SB)/8, $0x2222222222222222
GLOBL quotes<>(SB), RODATA|NOPTR, $16
DATA slashes<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA slashes<>+8(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL slashes<>(SB), RODATA|NOPTR, $16
DATA spaces<>+0(SB)/8, $0x2020202020202020
DATA spaces<>+8(SB)/8, $0x2020202020202020
GLOBL spaces<>(SB), RODATA|NOPTR, $16

// LOOK sets BX to the mask of the bytes in X0 that are not plain. As signed bytes,
// those that are not ASCII are below the space, as the control characters are.
#define LOOK \
	MOVOU    X7, X1;        \
	MOVO     X0, X2;        \
	PCMPGTB  X0, X1;        \
	PCMPEQB  X5, X2;        \
	POR      X2, X1;        \
	MOVO     X0, X2;        \
	PCMPEQB  X6, X2;        \
	POR      X2, X1;        \
	PMOVMSKB X1, BX
