namespace LogDomain.Kernels;

/// <summary>Small symmetric matrices in rows, of which the lower triangle is read.</summary>
internal static class SymmetricMatrix
{
    /// <summary>Jacobi's method converges quadratically; more sweeps than these were never needed for any matrix (Golub and Van Loan, Matrix Computations, section 8.5).</summary>
    private const int MaxSweeps = 30;

    /// <summary>The lower triangle L with <c>A = L L^T</c>; false where a pivot is not positive, NaN included.</summary>
    public static bool TryCholesky(ReadOnlySpan<double> matrix, int size, Span<double> factor)
    {
        bool positive = true;
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[(i * size) + j];
                for (int k = 0; k < j; k++)
                {
                    sum = Math.FusedMultiplyAdd(-factor[(i * size) + k], factor[(j * size) + k], sum);
                }

                positive &= i != j || sum > 0;
                factor[(i * size) + j] = i == j ? Math.Sqrt(sum) : sum / factor[(j * size) + j];
            }
        }

        return positive;
    }

    /// <summary>Replaces every eigenvalue below the floor by it: <c>sum_i max(s_i, floor) v_i v_i^T</c>.</summary>
    public static void RaiseEigenvalues(Span<double> matrix, int size, double floor)
    {
        double[] rotated = new double[size * size], vectors = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            vectors[(i * size) + i] = 1;
            for (int j = 0; j < size; j++)
            {
                rotated[(i * size) + j] = matrix[(Math.Max(i, j) * size) + Math.Min(i, j)];
            }
        }

        for (int sweep = 0; sweep < MaxSweeps && Sweep(rotated, vectors, size); sweep++)
        {
        }

        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int k = 0; k < size; k++)
                {
                    sum = Math.FusedMultiplyAdd(Math.Max(rotated[(k * size) + k], floor) * vectors[(i * size) + k], vectors[(j * size) + k], sum);
                }

                matrix[(i * size) + j] = sum;
            }
        }
    }

    /// <summary>One rotation for each element off the diagonal, which makes it 0 (Jacobi 1846; Golub and Van Loan, section 8.5.2). False if there was nothing to do.</summary>
    private static bool Sweep(double[] a, double[] vectors, int size)
    {
        bool rotated = false;
        for (int p = 0; p < size; p++)
        {
            for (int q = p + 1; q < size; q++)
            {
                double off = a[(p * size) + q], threshold = 1e-17 * Math.Sqrt(Math.Abs(a[(p * size) + p] * a[(q * size) + q]));
                if (!(Math.Abs(off) > threshold))
                {
                    continue;
                }

                rotated = true;
                double tau = (a[(q * size) + q] - a[(p * size) + p]) / (2 * off);
                double t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(Math.FusedMultiplyAdd(tau, tau, 1)));
                double c = 1 / Math.Sqrt(Math.FusedMultiplyAdd(t, t, 1)), s = t * c;
                for (int k = 0; k < size; k++)
                {
                    Rotate(ref a[(k * size) + p], ref a[(k * size) + q], c, s);
                    Rotate(ref vectors[(k * size) + p], ref vectors[(k * size) + q], c, s);
                }

                for (int k = 0; k < size; k++)
                {
                    Rotate(ref a[(p * size) + k], ref a[(q * size) + k], c, s);
                }

                a[(p * size) + q] = a[(q * size) + p] = 0;
            }
        }

        return rotated;
    }

    private static void Rotate(ref double x, ref double y, double c, double s) => (x, y) = ((c * x) - (s * y), (s * x) + (c * y));
}
