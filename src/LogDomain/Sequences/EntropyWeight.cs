namespace LogDomain.Sequences;

/// <summary>Paths as a whole: a value of <see cref="EntropySemiring"/>.</summary>
/// <param name="LogWeight">The logarithm of their sum.</param>
/// <param name="Entropy">The entropy of which path it is, in nats, each with its part of the sum as probability.</param>
public readonly record struct EntropyWeight(double LogWeight, double Entropy);
