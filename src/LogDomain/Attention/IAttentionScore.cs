namespace LogDomain.Attention;

/// <summary>
/// A caller's own function of scores, called for every pair of a query and a key that is not skipped by places. A struct that implements it is compiled into the loops. Scores are called in no
/// certain order, from several threads, and more than once for a pair in the backward pass: the function must depend on its arguments alone.
/// </summary>
public interface IAttentionScore
{
    /// <summary>What takes the place of a score. -infinity hides the key.</summary>
    /// <param name="score">The score, after scale, cap, slopes and bias.</param>
    /// <param name="batch">The sequence.</param>
    /// <param name="head">The query head.</param>
    /// <param name="query">The query, from 0.</param>
    /// <param name="key">The key, from 0.</param>
    double Score(double score, int batch, int head, int query, int key);

    /// <summary>The derivative of <see cref="Score"/> by the score, for the backward pass.</summary>
    /// <param name="score">The score, as <see cref="Score"/> was given it.</param>
    /// <param name="batch">The sequence.</param>
    /// <param name="head">The query head.</param>
    /// <param name="query">The query, from 0.</param>
    /// <param name="key">The key, from 0.</param>
    double Derivative(double score, int batch, int head, int query, int key);
}
