namespace LogDomain.Losses;

/// <summary>The energy of a state, up to which its density is <c>e^-energy</c>; infinity for a state that cannot be.</summary>
/// <param name="state">The coordinates.</param>
public delegate double EnergyFunction(ReadOnlySpan<double> state);
