namespace LogDomain.Sequences;

/// <summary>Says which tokens may follow.</summary>
/// <param name="tokens">The tokens so far.</param>
/// <param name="allowed">True everywhere; what is set to false may not follow.</param>
public delegate void BeamMask(IReadOnlyList<int> tokens, Span<bool> allowed);
