namespace LogDomain.Kernels;

/// <summary>The weights of a sum are written out.</summary>
internal readonly struct Stored;

/// <summary>Elements above the maximum given count as that maximum; nothing is written.</summary>
internal readonly struct Clipped;
