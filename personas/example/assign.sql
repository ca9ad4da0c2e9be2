-- Places customers into the groups of a study by its frozen model, as `personas assign` does. It reads a table
--   customers with one row per customer and these columns:
-- Numbers, as the study's customer features define them (shares from 0 to 1): "orders", "recency_days",
--   "average_order_value", "discount_share", "coupon_share", "monday_share", "saturday_share", "sunday_share",
--   "morning_share", "evening_share", "channel_web_share", "channel_app_share".
-- Answers on a scale, counted from 0: "origin", "ingredients", "pay_more", "packaging", "wait_sale", "compare",
--   "coupon_first", "little_time", "fixed_day", "doubt_labels".
-- Ticked 1 or not ticked 0: "reasons: price", "reasons: less harm to nature", "reasons: quality", "reasons: fast
--   delivery", "reasons: invoice", "reasons: smell".
-- Answers as text: "household", "buys_for".
-- NULL means not known. A missing number of behaviour takes the median of the study, a question that was not
--   answered adds nothing, and without orders (NULL or 0) the model does not place anybody.
-- It gives customer_id, persona (persona-1, persona-2, persona-3, one-order, no-order and unassigned), its
--   probability, and p_ for each group of the model, which is NULL where a rule decided.
WITH units AS (
SELECT
  "customer_id",
  "origin",
  "ingredients",
  "pay_more",
  "packaging",
  "wait_sale",
  "compare",
  "coupon_first",
  "little_time",
  "fixed_day",
  "doubt_labels",
  "household",
  "buys_for",
  "reasons: price",
  "reasons: less harm to nature",
  "reasons: quality",
  "reasons: fast delivery",
  "reasons: invoice",
  "reasons: smell",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE
              WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
              THEN "recency_days"
              ELSE NULL
            END,
            24.997490132592233
          ),
          206.4727488079392
        ),
        0.9999056411060797
      ) + 1
    ) - 3.232653877
  ) / 1.238104501 AS "z_recency_days",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END,
            6.99646844628277
          ),
          24.35560981417598
        ),
        2.0011633595049294
      ) + 1
    ) - 2.040199793
  ) / 0.5440968459 AS "z_orders",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE
              WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
              THEN "average_order_value"
              ELSE NULL
            END,
            31.39486750789823
          ),
          134.503842791163
        ),
        7.837464374141273
      ) + 1
    ) - 3.55541859
  ) / 0.6679768944 AS "z_average_order_value",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.723654154
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.497928683
            )
          ),
          -0.003549
        ),
        2.167
      ),
      -1.299
    ) - 0.1818684308
  ) / 0.8834277533 AS "z_discount_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 0.526813912
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.047157582
            )
          ),
          -0.9748
        ),
        2.116
      ),
      -3.498
    ) - -0.971380934
  ) / 1.456969164 AS "z_coupon_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.006807402
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 3.239053739
            )
          ),
          -1.412
        ),
        0.4724
      ),
      -2.95
    ) - -1.334636916
  ) / 0.8239092526 AS "z_monday_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.60021198
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 4.563271164
            )
          ),
          -1.167
        ),
        0.2857
      ),
      -2.504
    ) - -1.141899426
  ) / 0.6293947158 AS "z_weekend_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.460951596
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 2.605605632
            )
          ),
          -0.7447
        ),
        1.149
      ),
      -2.231
    ) - -0.6658519977
  ) / 0.7749830818 AS "z_morning_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.380131059
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 3.129565479
            )
          ),
          -0.8922
        ),
        0.703
      ),
      -2.54
    ) - -0.9268748995
  ) / 0.7602811368 AS "z_evening_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 2.082713125
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.347288679
            )
          ),
          0.4692
        ),
        2.347
      ),
      -1.388
    ) - 0.5058379273
  ) / 0.8771919403 AS "z_channel_web_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.03912705
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 2.209330998
            )
          ),
          -0.9273
        ),
        1.036
      ),
      -2.747
    ) - -0.8962333121
  ) / 0.930468484 AS "z_channel_app_share",
  CASE
    WHEN (
      (
        (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) * 2
      ) >= 10
    )
    AND (
      (
        (
          COALESCE(
            POWER(
              (
                "origin" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "ingredients" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "pay_more" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                (
                  4.0 - "packaging"
                ) - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "wait_sale" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "compare" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "coupon_first" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "little_time" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "fixed_day" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "doubt_labels" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / NULLIF(
                    CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                    0
                  )
                )
              ),
              2
            ),
            0.0
          )
        ) / NULLIF(
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
          0
        )
      ) > CASE
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 0
        THEN -1.0
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 1
        THEN -1.0
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 2
        THEN -1.0
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 3
        THEN -1.0
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 4
        THEN 0.04019113066
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 5
        THEN 0.07799123863
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 6
        THEN 0.1164025961
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 7
        THEN 0.1526158078
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 8
        THEN 0.1858563458
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 9
        THEN 0.2161027802
        WHEN (
          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
        ) = 10
        THEN 0.2435884192
        ELSE -1.0
      END
    )
    THEN (
      COALESCE((
        "origin" - 2.29342723
      ) * 1.0, 0.0) + COALESCE((
        "ingredients" - 2.255924171
      ) * 1.0, 0.0) + COALESCE((
        "pay_more" - 2.112171838
      ) * 1.0, 0.0) + COALESCE((
        "packaging" - 2.460992908
      ) * -1.0, 0.0) + COALESCE((
        "wait_sale" - 1.972027972
      ) * 1.0, 0.0) + COALESCE((
        "compare" - 2.287735849
      ) * 1.0, 0.0) + COALESCE((
        "coupon_first" - 1.692307692
      ) * 1.0, 0.0) + COALESCE((
        "little_time" - 2.351415094
      ) * 1.0, 0.0) + COALESCE((
        "fixed_day" - 1.695550351
      ) * 1.0, 0.0) + COALESCE((
        "doubt_labels" - 2.36643026
      ) * 1.0, 0.0)
    ) / NULLIF(
      CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
      0
    )
    ELSE NULL
  END AS "rating_level",
  CASE
    WHEN COALESCE("orders", 0.0) = 0
    THEN 'no-order'
    WHEN "orders" <= 1
    THEN 'one-order'
    WHEN NOT (
      (
        COALESCE(
          "household" IN ('alone', 'couple', 'family with children', 'shared flat'),
          FALSE
        )
        AND TRUE
      )
      OR (
        COALESCE("buys_for" IN ('both', 'home', 'work'), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: price" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: less harm to nature" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: quality" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: fast delivery" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: invoice" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: smell" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        CASE
          WHEN (
            (
              (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) * 2
            ) >= 10
          )
          AND (
            (
              (
                COALESCE(
                  POWER(
                    (
                      "origin" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "ingredients" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "pay_more" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      (
                        4.0 - "packaging"
                      ) - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "wait_sale" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "compare" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "coupon_first" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "little_time" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "fixed_day" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "doubt_labels" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / NULLIF(
                          CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                          0
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                )
              ) / NULLIF(
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
                0
              )
            ) > CASE
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 0
              THEN -1.0
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 1
              THEN -1.0
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 2
              THEN -1.0
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 3
              THEN -1.0
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 4
              THEN 0.04019113066
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 5
              THEN 0.07799123863
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 6
              THEN 0.1164025961
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 7
              THEN 0.1526158078
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 8
              THEN 0.1858563458
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 9
              THEN 0.2161027802
              WHEN (
                CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END
              ) = 10
              THEN 0.2435884192
              ELSE -1.0
            END
          )
          THEN (
            COALESCE((
              "origin" - 2.29342723
            ) * 1.0, 0.0) + COALESCE((
              "ingredients" - 2.255924171
            ) * 1.0, 0.0) + COALESCE((
              "pay_more" - 2.112171838
            ) * 1.0, 0.0) + COALESCE((
              "packaging" - 2.460992908
            ) * -1.0, 0.0) + COALESCE((
              "wait_sale" - 1.972027972
            ) * 1.0, 0.0) + COALESCE((
              "compare" - 2.287735849
            ) * 1.0, 0.0) + COALESCE((
              "coupon_first" - 1.692307692
            ) * 1.0, 0.0) + COALESCE((
              "little_time" - 2.351415094
            ) * 1.0, 0.0) + COALESCE((
              "fixed_day" - 1.695550351
            ) * 1.0, 0.0) + COALESCE((
              "doubt_labels" - 2.36643026
            ) * 1.0, 0.0)
          ) / NULLIF(
            CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END,
            0
          )
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
          THEN "recency_days"
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END IS NOT NULL
      )
      OR (
        CASE
          WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
          THEN "average_order_value"
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
    )
    THEN 'unassigned'
    ELSE NULL
  END AS "by_rule"
FROM "customers"
), scores AS (
SELECT
  "customer_id",
  "by_rule",
  -3.077950228382112 + (
    "z_recency_days" * 0.014942480079778584
  ) + (
    "z_orders" * 0.20033263238655988
  ) + (
    "z_average_order_value" * -2.0285111917249092
  ) + (
    "z_discount_share" * 0.9513529193120355
  ) + (
    "z_coupon_share" * 0.6972779767465663
  ) + (
    "z_monday_share" * -0.44155924739673763
  ) + (
    "z_weekend_share" * -0.4323202855415965
  ) + (
    "z_morning_share" * 0.1575249552247648
  ) + (
    "z_evening_share" * 0.445661281911442
  ) + (
    "z_channel_web_share" * 0.1517467287023967
  ) + (
    "z_channel_app_share" * 0.7207773203870445
  ) + COALESCE(
    -0.8928827160048842 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "origin" - (
                  "rating_level" * 1.0
                )
              ) - -0.5710462793
            ) - 2.29342723
          ),
          2
        )
        ELSE NULL
      END / 1.89844579
    ),
    0.0
  ) + COALESCE(
    -0.8707219286417929 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "ingredients" - (
                  "rating_level" * 1.0
                )
              ) - -0.5119647306
            ) - 2.255924171
          ),
          2
        )
        ELSE NULL
      END / 1.8161410928
    ),
    0.0
  ) + COALESCE(
    -0.7117769183903435 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "pay_more" - (
                  "rating_level" * 1.0
                )
              ) - -0.6328519822
            ) - 2.112171838
          ),
          2
        )
        ELSE NULL
      END / 1.3215746614
    ),
    0.0
  ) + COALESCE(
    -0.8285712772765456 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "packaging" - (
                  "rating_level" * -1.0
                )
              ) - -0.3489533201
            ) - 2.460992908
          ),
          2
        )
        ELSE NULL
      END / 1.6693138416
    ),
    0.0
  ) + COALESCE(
    -0.7031776282394925 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "wait_sale" - (
                  "rating_level" * 1.0
                )
              ) - 0.8508323791
            ) - 1.972027972
          ),
          2
        )
        ELSE NULL
      END / 1.2990397928
    ),
    0.0
  ) + COALESCE(
    -0.7455828375092762 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "compare" - (
                  "rating_level" * 1.0
                )
              ) - 0.4756925436
            ) - 2.287735849
          ),
          2
        )
        ELSE NULL
      END / 1.4140186956
    ),
    0.0
  ) + COALESCE(
    -0.8352742490303986 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "coupon_first" - (
                  "rating_level" * 1.0
                )
              ) - 0.8279931863
            ) - 1.692307692
          ),
          2
        )
        ELSE NULL
      END / 1.6918432452
    ),
    0.0
  ) + COALESCE(
    -0.8630823382883948 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "little_time" - (
                  "rating_level" * 1.0
                )
              ) - -0.2011848289
            ) - 2.351415094
          ),
          2
        )
        ELSE NULL
      END / 1.7886028614
    ),
    0.0
  ) + COALESCE(
    -0.7821689221509533 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "fixed_day" - (
                  "rating_level" * 1.0
                )
              ) - -0.3379524016
            ) - 1.695550351
          ),
          2
        )
        ELSE NULL
      END / 1.5213650004
    ),
    0.0
  ) + COALESCE(
    -0.8453703506702774 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "doubt_labels" - (
                  "rating_level" * 1.0
                )
              ) - -0.2459743976
            ) - 2.36643026
          ),
          2
        )
        ELSE NULL
      END / 1.7263525246
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3838991355642707
    WHEN "household" = 'couple'
    THEN -1.200995358985522
    WHEN "household" = 'family with children'
    THEN -1.2803419257211244
    WHEN "household" = 'shared flat'
    THEN -1.7686466642671146
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.6503945135066855
    WHEN "buys_for" = 'home'
    THEN -0.0732411817558518
    WHEN "buys_for" = 'work'
    THEN -34.538776394910684
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -1.4157428601610567
    WHEN "reasons: price" = 1.0
    THEN -0.2780555177048095
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5456746926426261
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8661935657754101
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.7666111948682647
    WHEN "reasons: quality" = 1.0
    THEN -0.6247127415006952
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6236320218886937
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7678581309300372
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.3228245106743367
    WHEN "reasons: invoice" = 1.0
    THEN -1.287720114908291
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.30213767774334943
    WHEN "reasons: smell" = 1.0
    THEN -1.344140574788174
    ELSE 0.0
  END AS "s_persona-1",
  -1.8837582961564951 + (
    "z_recency_days" * -0.03591382225450974
  ) + (
    "z_orders" * -0.02336187909040421
  ) + (
    "z_average_order_value" * -0.5500109234975802
  ) + (
    "z_discount_share" * -1.5149456143716884
  ) + (
    "z_coupon_share" * -0.35214822997713235
  ) + (
    "z_monday_share" * -0.5245821211372503
  ) + (
    "z_weekend_share" * 0.4797302384732366
  ) + (
    "z_morning_share" * -0.4172440599368686
  ) + (
    "z_evening_share" * -0.07638615117635532
  ) + (
    "z_channel_web_share" * 0.055807422652466264
  ) + (
    "z_channel_app_share" * -0.37273648889197075
  ) + COALESCE(
    -0.7922553672781406 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "origin" - (
                  "rating_level" * 1.0
                )
              ) - 0.6354334409
            ) - 2.29342723
          ),
          2
        )
        ELSE NULL
      END / 1.552366978
    ),
    0.0
  ) + COALESCE(
    -0.7474639649114495 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "ingredients" - (
                  "rating_level" * 1.0
                )
              ) - 0.7227003608
            ) - 2.255924171
          ),
          2
        )
        ELSE NULL
      END / 1.4193486142
    ),
    0.0
  ) + COALESCE(
    -0.8113094161769073 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "pay_more" - (
                  "rating_level" * 1.0
                )
              ) - 0.5066291468
            ) - 2.112171838
          ),
          2
        )
        ELSE NULL
      END / 1.6126663812
    ),
    0.0
  ) + COALESCE(
    -0.7238846935451468 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "packaging" - (
                  "rating_level" * -1.0
                )
              ) - 0.4600364036
            ) - 2.460992908
          ),
          2
        )
        ELSE NULL
      END / 1.3539679468
    ),
    0.0
  ) + COALESCE(
    -0.785085275372511 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "wait_sale" - (
                  "rating_level" * 1.0
                )
              ) - -0.432571714
            ) - 1.972027972
          ),
          2
        )
        ELSE NULL
      END / 1.530264605
    ),
    0.0
  ) + COALESCE(
    -0.8178925833462325 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "compare" - (
                  "rating_level" * 1.0
                )
              ) - -0.248971305
            ) - 2.287735849
          ),
          2
        )
        ELSE NULL
      END / 1.6340396812
    ),
    0.0
  ) + COALESCE(
    -0.7427046724143045 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "coupon_first" - (
                  "rating_level" * 1.0
                )
              ) - -0.5080656777
            ) - 1.692307692
          ),
          2
        )
        ELSE NULL
      END / 1.4059025192
    ),
    0.0
  ) + COALESCE(
    -0.8936570593110986 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "little_time" - (
                  "rating_level" * 1.0
                )
              ) - -0.2896073898
            ) - 2.351415094
          ),
          2
        )
        ELSE NULL
      END / 1.9013881654
    ),
    0.0
  ) + COALESCE(
    -0.8537446703837301 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "fixed_day" - (
                  "rating_level" * 1.0
                )
              ) - -0.3086902257
            ) - 1.695550351
          ),
          2
        )
        ELSE NULL
      END / 1.7555100736
    ),
    0.0
  ) + COALESCE(
    -0.7448963322245152 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "doubt_labels" - (
                  "rating_level" * 1.0
                )
              ) - 0.4006364236
            ) - 2.36643026
          ),
          2
        )
        ELSE NULL
      END / 1.4120785652
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3584109250159169
    WHEN "household" = 'couple'
    THEN -1.4277170214203876
    WHEN "household" = 'family with children'
    THEN -1.426414915873216
    WHEN "household" = 'shared flat'
    THEN -1.33595584388702
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.186570195573187
    WHEN "buys_for" = 'home'
    THEN -0.1376255999505345
    WHEN "buys_for" = 'work'
    THEN -4.118195902611185
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7782755119569238
    WHEN "reasons: price" = 1.0
    THEN -0.614700593393919
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -1.3449332145602204
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.30185822591208666
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8308551196249276
    WHEN "reasons: quality" = 1.0
    THEN -0.5721277368820041
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6380962479660313
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7514061828369841
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.31494146844064475
    WHEN "reasons: invoice" = 1.0
    THEN -1.3087097781301
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.26293474695168384
    WHEN "reasons: smell" = 1.0
    THEN -1.464437807565742
    ELSE 0.0
  END AS "s_persona-2",
  -5.091328555273819 + (
    "z_recency_days" * -0.05425217880298201
  ) + (
    "z_orders" * -0.31535251631369904
  ) + (
    "z_average_order_value" * 3.410097221007158
  ) + (
    "z_discount_share" * -0.5361893136381916
  ) + (
    "z_coupon_share" * 0.2936871400975254
  ) + (
    "z_monday_share" * 1.1992766137318138
  ) + (
    "z_weekend_share" * -0.08335838846788757
  ) + (
    "z_morning_share" * 0.2887593829131125
  ) + (
    "z_evening_share" * -0.7486837213263373
  ) + (
    "z_channel_web_share" * 0.5435061092291799
  ) + (
    "z_channel_app_share" * -0.04654226762423659
  ) + COALESCE(
    -0.869784905187777 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "origin" - (
                  "rating_level" * 1.0
                )
              ) - -0.3289639434
            ) - 2.29342723
          ),
          2
        )
        ELSE NULL
      END / 1.8127407464
    ),
    0.0
  ) + COALESCE(
    -0.7264646400711804 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "ingredients" - (
                  "rating_level" * 1.0
                )
              ) - -0.5545428561
            ) - 2.255924171
          ),
          2
        )
        ELSE NULL
      END / 1.360972332
    ),
    0.0
  ) + COALESCE(
    -0.8744481420704304 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "pay_more" - (
                  "rating_level" * 1.0
                )
              ) - -0.007270388906
            ) - 2.112171838
          ),
          2
        )
        ELSE NULL
      END / 1.82972631
    ),
    0.0
  ) + COALESCE(
    -0.7255903812078481 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "packaging" - (
                  "rating_level" * -1.0
                )
              ) - -0.3364992212
            ) - 2.460992908
          ),
          2
        )
        ELSE NULL
      END / 1.358594727
    ),
    0.0
  ) + COALESCE(
    -0.6901642912828776 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "wait_sale" - (
                  "rating_level" * 1.0
                )
              ) - -0.4042005656
            ) - 1.972027972
          ),
          2
        )
        ELSE NULL
      END / 1.2656662922
    ),
    0.0
  ) + COALESCE(
    -0.7846629205751029 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "compare" - (
                  "rating_level" * 1.0
                )
              ) - -0.1972482091
            ) - 2.287735849
          ),
          2
        )
        ELSE NULL
      END / 1.5289725216
    ),
    0.0
  ) + COALESCE(
    -0.9153260552797795 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "coupon_first" - (
                  "rating_level" * 1.0
                )
              ) - -0.2479806684
            ) - 1.692307692
          ),
          2
        )
        ELSE NULL
      END / 1.9856021628
    ),
    0.0
  ) + COALESCE(
    -0.6330928920514096 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "little_time" - (
                  "rating_level" * 1.0
                )
              ) - 0.7581317763
            ) - 2.351415094
          ),
          2
        )
        ELSE NULL
      END / 1.1291395678
    ),
    0.0
  ) + COALESCE(
    -0.6388431175715971 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "fixed_day" - (
                  "rating_level" * 1.0
                )
              ) - 1.02934519
            ) - 1.695550351
          ),
          2
        )
        ELSE NULL
      END / 1.1422001394
    ),
    0.0
  ) + COALESCE(
    -0.8453735717864799 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "doubt_labels" - (
                  "rating_level" * 1.0
                )
              ) - -0.3743965177
            ) - 2.36643026
          ),
          2
        )
        ELSE NULL
      END / 1.7263636462
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.5665048064386342
    WHEN "household" = 'couple'
    THEN -1.05420967000047
    WHEN "household" = 'family with children'
    THEN -1.6054933031450667
    WHEN "household" = 'shared flat'
    THEN -1.4189490313030777
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -1.3343897402904326
    WHEN "buys_for" = 'home'
    THEN -1.431122679833636
    WHEN "buys_for" = 'work'
    THEN -0.6978767973854161
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7264213585239515
    WHEN "reasons: price" = 1.0
    THEN -0.6609446122661784
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5756321436564642
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8263341088619724
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8167270879330978
    WHEN "reasons: quality" = 1.0
    THEN -0.5831732413047588
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -1.1802323714188567
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.367024522396334
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.7561426945588845
    WHEN "reasons: invoice" = 1.0
    THEN -0.6338860156403262
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.2865361253000987
    WHEN "reasons: smell" = 1.0
    THEN -1.3897401028752558
    ELSE 0.0
  END AS "s_persona-3"
FROM "units"
), likelihoods AS (
SELECT
  "customer_id",
  "by_rule",
  EXP(
    (
      "s_persona-1" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541279027
  ) AS "e_persona-1",
  EXP(
    (
      "s_persona-2" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541279027
  ) AS "e_persona-2",
  EXP(
    (
      "s_persona-3" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541279027
  ) AS "e_persona-3"
FROM "scores"
), posterior AS (
SELECT
  "customer_id",
  "by_rule",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-1" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-1",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-2" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-2",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-3" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-3"
FROM "likelihoods"
), placed AS (
SELECT
  "customer_id",
  COALESCE(
    "by_rule",
    CASE
      WHEN "p_persona-1" >= 0.8
      THEN 'persona-1'
      WHEN "p_persona-2" >= 0.8
      THEN 'persona-2'
      WHEN "p_persona-3" >= 0.8
      THEN 'persona-3'
      ELSE 'unassigned'
    END
  ) AS "persona",
  CASE
    WHEN "by_rule" IS NULL
    THEN GREATEST("p_persona-1", "p_persona-2", "p_persona-3")
    WHEN "by_rule" <> 'unassigned'
    THEN 1.0
    ELSE NULL
  END AS "probability",
  "p_persona-1",
  "p_persona-2",
  "p_persona-3"
FROM "posterior"
)
SELECT * FROM placed;
