namespace LogDomain.Sequences;

/// <summary>
/// What a dynamic programme computes: <see cref="Multiply"/> along a path and <see cref="Add"/> over paths. One programme gives the sum over all paths, the best one, their number, their entropy or a draw, depending on
/// the semiring (J. Goodman, "Semiring parsing", Computational Linguistics 25 (1999)).
/// </summary>
/// <remarks>
/// <see cref="Add"/> is associative with <see cref="Zero"/>, <see cref="Multiply"/> is associative with <see cref="One"/> and distributes over <see cref="Add"/>, and Zero times anything is Zero. The methods are static, so
/// that the compiler makes a programme of its own for each semiring.
/// </remarks>
/// <typeparam name="TSelf">The semiring, an empty struct.</typeparam>
/// <typeparam name="T">Its values.</typeparam>
public interface ISemiring<TSelf, T>
    where TSelf : struct, ISemiring<TSelf, T>
{
    /// <summary>The sum of no paths.</summary>
    static abstract T Zero { get; }

    /// <summary>The empty path.</summary>
    static abstract T One { get; }

    /// <summary>One or the other.</summary>
    static abstract T Add(T left, T right);

    /// <summary>One after the other.</summary>
    static abstract T Multiply(T left, T right);

    /// <summary>The value of a part of a path.</summary>
    /// <param name="score">Its score, a logarithm; -infinity for what is impossible, which must give <see cref="Zero"/>.</param>
    /// <param name="label">The state that the path enters with it, or -1 for a score between states.</param>
    static abstract T FromScore(double score, int label);
}
