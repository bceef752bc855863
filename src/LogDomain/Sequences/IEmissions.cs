using System.Text.Json;

namespace LogDomain.Sequences;

/// <summary>
/// What the states of a <see cref="HiddenMarkovModel"/> emit. Implement it for distributions of your own; those here are <see cref="CategoricalEmissions"/>, <see cref="GaussianEmissions"/> and <see cref="PoissonEmissions"/>.
/// </summary>
/// <remarks>An object does not change. Observations are rows of <see cref="Dimensions"/> numbers; one with NaN in it is missing.</remarks>
public interface IEmissions
{
    /// <summary>The number of states.</summary>
    int States { get; }

    /// <summary>The numbers of an observation.</summary>
    int Dimensions { get; }

    /// <summary>The name of the kind of distribution in JSON.</summary>
    string Kind { get; }

    /// <summary>Computes the logarithm of the probability or density of an observation in each state: -infinity where it is impossible, 0 everywhere where it is missing.</summary>
    /// <param name="observation"><see cref="Dimensions"/> numbers.</param>
    /// <param name="destination">Receives a number for each state.</param>
    void LogLikelihoods(ReadOnlySpan<double> observation, Span<double> destination);

    /// <summary>Finds the most likely parameters for observations that belong to states in parts.</summary>
    /// <param name="observations">Rows.</param>
    /// <param name="weights">For each row a number for each state, from 0 to 1.</param>
    /// <returns>The distributions with these parameters; a state without weight keeps its own.</returns>
    IEmissions Fit(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights);

    /// <summary>Draws an observation.</summary>
    /// <param name="state">The state.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <param name="index">The number of the observation; the draw depends on the seed and this alone.</param>
    /// <param name="observation">Receives <see cref="Dimensions"/> numbers.</param>
    void Draw(int state, ulong seed, ulong index, Span<double> observation);

    /// <summary>Writes the parameters as properties of an object that is open.</summary>
    void Write(Utf8JsonWriter writer);
}
